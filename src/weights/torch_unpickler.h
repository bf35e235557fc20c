#pragma once
// The small machine that reads the pickles of torch.save and torch.jit.save: plain data, torch's tensor
// records and the modules of TorchScript, of which only the attributes are read. It executes nothing; what it
// does not know is an Error(kBadModel) naming the opcode or the class.
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/check.h"
#include "weights/excerpt.h"

namespace anomalyvlm {

template <typename... Args>
[[noreturn]] void bad_torch(const std::string& source, fmt::format_string<Args...> text, Args&&... args) {
  fail(ErrorKind::kBadModel, "{}: unusable torch file: {}", source,
       fmt::format(text, std::forward<Args>(args)...));
}

// One value of a pickle. Nodes live as long as their Unpickler and may form cycles.
struct PickleNode {
  enum class Kind {
    kNone,
    kBool,     // number: 0 or 1
    kInt,      // number
    kString,   // text, pointing into the file
    kTuple,    // items
    kList,     // items
    kDict,     // items: key, value, key, value... Of a TorchScript module: its attributes; text: its class
    kClass,    // text: "module.name"
    kStorage,  // items: what torch says of a storage: class, key, location, count, view or none
    kTensor,   // items: storage, offset, sizes, strides; the element type too if the storage is only bytes
    kOpaque,   // harmless and of no use here; text: the bytes of an integer beyond 64 bits
  };
  Kind kind = Kind::kNone;
  std::int64_t number = 0;
  std::string_view text;
  std::vector<PickleNode*> items;
};

class Unpickler {
 public:
  explicit Unpickler(const std::string& source) : source_(source) {}
  Unpickler(const Unpickler&) = delete;
  Unpickler& operator=(const Unpickler&) = delete;

  // Reads the one pickle that `bytes` begin with and returns its value; consumed() is then its length. The
  // bytes must outlive the nodes. May be called again for the next pickle; each has its own memo.
  const PickleNode* read(std::span<const std::uint8_t> bytes);
  std::size_t consumed() const { return at_; }
  // Every storage record of all pickles read, in their order.
  const std::vector<const PickleNode*>& storages() const { return storages_; }

 private:
  using Node = PickleNode;
  using Kind = PickleNode::Kind;

  bool step();  // one opcode; false after the last one
  bool step_number(std::uint8_t opcode);
  bool step_text(std::uint8_t opcode);
  bool step_container(std::uint8_t opcode);
  bool step_memo(std::uint8_t opcode);
  bool step_object(std::uint8_t opcode);

  void spend(std::size_t work);
  std::string_view take(std::uint64_t count);
  std::uint64_t take_number(int bytes);
  std::string_view take_line();
  Node* make(Kind kind, std::int64_t number = 0, std::string_view text = {});
  void push(Node* node) { stack_.push_back(node); }
  Node* pop();
  Node* top();
  std::vector<Node*> pop_to_mark();
  void push_tuple(int count);
  void put(std::uint64_t slot);
  void get(std::uint64_t slot);
  void add_items(bool pairs, std::vector<Node*> items);
  void push_class(std::string_view module, std::string_view name);
  void construct();
  void give_attributes();
  Node* make_tensor(std::string_view name, const Node& arguments);
  Node* make_dict(const Node& arguments);
  void push_storage(Node* record);

  const std::string& source_;
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0, opcode_at_ = 0;
  std::size_t work_ = 0;  // of all pickles read; bounds memory and time
  std::deque<Node> nodes_;
  std::deque<std::string> owned_;
  std::vector<Node*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint64_t, Node*> memo_;
  std::vector<const Node*> storages_;
};

}  // namespace anomalyvlm
