// The machine: opcodes, stack, memo. What classes become is in torch_unpickler_objects.cc.
#include "weights/torch_unpickler.h"

#include <algorithm>

namespace anomalyvlm {
namespace {

// Opcodes, and copied items: each costs about a hundred bytes. A tensor has about 40, and the largest
// published checkpoints some thousand tensors.
constexpr std::size_t kMaxWork = 4'000'000;

}  // namespace

const PickleNode* Unpickler::read(std::span<const std::uint8_t> bytes) {
  bytes_ = bytes;
  at_ = 0;
  stack_.clear();
  marks_.clear();
  memo_.clear();
  while (step()) spend(1);
  return pop();
}

bool Unpickler::step() {
  opcode_at_ = at_;
  const auto opcode = static_cast<std::uint8_t>(take_number(1));
  if (opcode == '.') return false;
  if (opcode == 0x80) {  // PROTO
    if (const auto version = take_number(1); version > 5)
      bad_torch(source_, "it uses pickle protocol {}; 5 is the last one known", version);
    return true;
  }
  if (opcode == 0x95) {  // FRAME: says only how much to read ahead
    if (take_number(8) > bytes_.size() - at_)
      bad_torch(source_, "its pickle is cut short; was the download complete?");
    return true;
  }
  if (!step_number(opcode) && !step_text(opcode) && !step_container(opcode) && !step_memo(opcode) &&
      !step_object(opcode))
    bad_torch(source_,
              "its pickle has the opcode 0x{:02x} at byte {}, which state dictionaries do not use; save only "
              "the model's state_dict()",
              opcode, opcode_at_);
  return true;
}

bool Unpickler::step_number(std::uint8_t opcode) {
  switch (opcode) {
    case 'N':
      push(make(Kind::kNone));
      return true;
    case 0x88:
      push(make(Kind::kBool, 1));
      return true;
    case 0x89:
      push(make(Kind::kBool, 0));
      return true;
    case 'K':
      push(make(Kind::kInt, static_cast<std::int64_t>(take_number(1))));
      return true;
    case 'M':
      push(make(Kind::kInt, static_cast<std::int64_t>(take_number(2))));
      return true;
    case 'J':
      push(make(Kind::kInt, static_cast<std::int32_t>(static_cast<std::uint32_t>(take_number(4)))));
      return true;
    case 'G':  // BINFLOAT
      take(8);
      push(make(Kind::kOpaque));
      return true;
    case 0x8a:
      break;  // LONG1
    default:
      return false;
  }
  const std::string_view digits = take(take_number(1));
  if (digits.size() > 8) {
    push(make(Kind::kOpaque, 0, digits));
    return true;
  }
  std::uint64_t value = !digits.empty() && (digits.back() & 0x80) ? ~std::uint64_t{0} : 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
    value = value << 8 | static_cast<std::uint8_t>(*digit);
  push(make(Kind::kInt, static_cast<std::int64_t>(value)));
  return true;
}

bool Unpickler::step_text(std::uint8_t opcode) {
  int length_bytes = 0;
  bool bytes = false;
  switch (opcode) {
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':
      length_bytes = 1;
      break;
    case 'X':
    case 'T':
      length_bytes = 4;
      break;
    case 0x8d:
      length_bytes = 8;
      break;
    case 'C':
      length_bytes = 1, bytes = true;
      break;
    case 'B':
      length_bytes = 4, bytes = true;
      break;
    case 0x8e:
      length_bytes = 8, bytes = true;
      break;
    default:
      return false;
  }
  const std::string_view text = take(take_number(length_bytes));
  push(bytes ? make(Kind::kOpaque) : make(Kind::kString, 0, text));
  return true;
}

bool Unpickler::step_container(std::uint8_t opcode) {
  switch (opcode) {
    case '(':
      marks_.push_back(stack_.size());
      return true;
    case '0':  // POP
      if (!marks_.empty() && marks_.back() == stack_.size())
        marks_.pop_back();
      else
        pop();
      return true;
    case '1':
      pop_to_mark();
      return true;
    case ')':
      push(make(Kind::kTuple));
      return true;
    case ']':
      push(make(Kind::kList));
      return true;
    case '}':
      push(make(Kind::kDict));
      return true;
    case 0x8f:
      push(make(Kind::kOpaque));
      return true;  // EMPTY_SET
    case 0x85:
      push_tuple(1);
      return true;
    case 0x86:
      push_tuple(2);
      return true;
    case 0x87:
      push_tuple(3);
      return true;
    case 't': {
      auto items = pop_to_mark();
      push(make(Kind::kTuple));
      top()->items = std::move(items);
      return true;
    }
    case 'a': {
      Node* item = pop();
      add_items(false, {item});
      return true;
    }
    case 's': {
      Node* value = pop();
      Node* key = pop();
      add_items(true, {key, value});
      return true;
    }
    case 'e':
    case 0x90:
      add_items(false, pop_to_mark());
      return true;  // APPENDS, ADDITEMS
    case 'u':
      add_items(true, pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool Unpickler::step_memo(std::uint8_t opcode) {
  switch (opcode) {
    case 'q':
      put(take_number(1));
      return true;
    case 'r':
      put(take_number(4));
      return true;
    case 0x94:
      put(memo_.size());
      return true;  // MEMOIZE
    case 'h':
      get(take_number(1));
      return true;
    case 'j':
      get(take_number(4));
      return true;
    case '2':
      push(top());
      return true;  // DUP
    default:
      return false;
  }
}

bool Unpickler::step_object(std::uint8_t opcode) {
  switch (opcode) {
    case 'c': {
      const std::string_view module = take_line();
      push_class(module, take_line());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const Node* name = pop();
      const Node* module = pop();
      if (name->kind != Kind::kString || module->kind != Kind::kString)
        bad_torch(source_, "a class in its pickle has no name");
      push_class(module->text, name->text);
      return true;
    }
    case 'R':
    case 0x81:
      construct();
      return true;  // REDUCE, NEWOBJ
    case 'Q':
      push_storage(pop());
      return true;
    case 'b':
      give_attributes();
      return true;  // BUILD
    default:
      return false;
  }
}

void Unpickler::spend(std::size_t work) {
  if (work > kMaxWork - work_) bad_torch(source_, "its pickle has more than {} parts", kMaxWork);
  work_ += work;
}

std::string_view Unpickler::take(std::uint64_t count) {
  if (count > bytes_.size() - at_) bad_torch(source_, "its pickle is cut short; was the download complete?");
  const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + at_,
                               static_cast<std::size_t>(count));
  at_ += taken.size();
  return taken;
}

std::uint64_t Unpickler::take_number(int bytes) {
  const std::string_view digits = take(static_cast<std::uint64_t>(bytes));
  std::uint64_t value = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
    value = value << 8 | static_cast<std::uint8_t>(*digit);
  return value;
}

std::string_view Unpickler::take_line() {
  const auto* rest = reinterpret_cast<const char*>(bytes_.data()) + at_;
  const std::size_t end = std::string_view(rest, bytes_.size() - at_).find('\n');
  if (end == std::string_view::npos)
    bad_torch(source_, "its pickle is cut short; was the download complete?");
  return take(end + 1).substr(0, end);
}

PickleNode* Unpickler::make(Kind kind, std::int64_t number, std::string_view text) {
  nodes_.push_back({kind, number, text, {}});
  return &nodes_.back();
}

PickleNode* Unpickler::top() {
  if (stack_.size() == (marks_.empty() ? 0 : marks_.back()))
    bad_torch(source_, "its pickle takes a value that is not there (byte {})", opcode_at_);
  return stack_.back();
}

PickleNode* Unpickler::pop() {
  Node* node = top();
  stack_.pop_back();
  return node;
}

std::vector<PickleNode*> Unpickler::pop_to_mark() {
  if (marks_.empty()) bad_torch(source_, "its pickle ends a list that was not begun (byte {})", opcode_at_);
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Node*> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Unpickler::push_tuple(int count) {
  Node* tuple = make(Kind::kTuple);
  for (int i = 0; i < count; ++i) tuple->items.push_back(pop());
  std::reverse(tuple->items.begin(), tuple->items.end());
  push(tuple);
}

void Unpickler::put(std::uint64_t slot) { memo_[slot] = top(); }

void Unpickler::get(std::uint64_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end()) bad_torch(source_, "its pickle recalls entry {}, which is not there", slot);
  push(found->second);
}

void Unpickler::add_items(bool pairs, std::vector<Node*> items) {
  Node* to = top();
  if (to->kind == Kind::kOpaque) return;
  if (to->kind != (pairs ? Kind::kDict : Kind::kList) || (pairs && items.size() % 2 != 0))
    bad_torch(source_, "its pickle adds to something that cannot hold it (byte {})", opcode_at_);
  to->items.insert(to->items.end(), items.begin(), items.end());
}

}  // namespace anomalyvlm
