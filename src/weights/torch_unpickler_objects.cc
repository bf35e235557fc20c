// The objects that a pickle may make: dictionaries, tensors and their storages, modules of TorchScript, and
// what is harmless. Another class that is not in the table here ends the reading.
#include <algorithm>

#include "weights/torch_unpickler.h"

namespace anomalyvlm {
namespace {

constexpr std::size_t kMaxClassName = 256;

enum class ClassUse { kDict, kTensor, kTensorOfType, kParameter, kSize, kModule, kOpaque };

struct KnownClass {
  std::string_view name;
  ClassUse use;
};
constexpr KnownClass kClasses[] = {
    {"collections.OrderedDict", ClassUse::kDict},
    {"torch._utils._rebuild_tensor_v2", ClassUse::kTensor},
    {"torch._utils._rebuild_tensor", ClassUse::kTensor},
    {"torch._utils._rebuild_tensor_v3", ClassUse::kTensorOfType},
    {"torch._utils._rebuild_parameter", ClassUse::kParameter},
    {"torch._utils._rebuild_parameter_with_state", ClassUse::kParameter},
    {"torch.Size", ClassUse::kSize},
    {"torch.device", ClassUse::kOpaque},
    {"argparse.Namespace", ClassUse::kOpaque},
    {"collections.Counter", ClassUse::kOpaque},
    {"builtins.set", ClassUse::kOpaque},
    {"__builtin__.set", ClassUse::kOpaque},
    {"_codecs.encode", ClassUse::kOpaque},  // bytes, as protocol 2 has them
    {"numpy.dtype", ClassUse::kOpaque},
    {"numpy.core.multiarray.scalar", ClassUse::kOpaque},
    {"numpy._core.multiarray.scalar", ClassUse::kOpaque},
    {"torch.jit._pickle.build_intlist", ClassUse::kOpaque},
    {"torch.jit._pickle.build_doublelist", ClassUse::kOpaque},
    {"torch.jit._pickle.build_boollist", ClassUse::kOpaque},
};
constexpr KnownClass kModule = {"", ClassUse::kModule};  // any class of a TorchScript program

const KnownClass* known_class(std::string_view name) {
  if (name.starts_with("__torch__.")) return &kModule;
  const auto* found = std::find_if(std::begin(kClasses), std::end(kClasses),
                                   [&](const KnownClass& entry) { return entry.name == name; });
  return found == std::end(kClasses) ? nullptr : found;
}

// torch.FloatStorage, torch.cuda.HalfStorage, torch.storage.UntypedStorage...; which of them are supported is
// up to the code that reads the data.
bool is_storage(std::string_view name) { return name.starts_with("torch.") && name.ends_with("Storage"); }

// torch.float32, torch.float8_e4m3fn, torch.uint16...
bool is_element_type(std::string_view name) {
  constexpr std::string_view kStarts[] = {"float", "bfloat", "complex", "int", "uint", "bool", "bits"};
  if (!name.starts_with("torch.")) return false;
  name.remove_prefix(6);
  return name.find('.') == std::string_view::npos &&
         std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](std::string_view start) { return name.starts_with(start); });
}

}  // namespace

void Unpickler::push_class(std::string_view module, std::string_view name) {
  if (module.size() + name.size() > kMaxClassName)
    bad_torch(source_, "the name of a class in it is longer than {} characters", kMaxClassName);
  owned_.push_back(fmt::format("{}.{}", module, name));
  const std::string_view full = owned_.back();
  if (known_class(full) == nullptr && !is_storage(full) && !is_element_type(full))
    bad_torch(source_, "it holds an object of the class '{}'; save only the model's state_dict()",
              excerpt(full));
  push(make(Kind::kClass, 0, full));
}

void Unpickler::construct() {
  Node* arguments = pop();
  const Node* made = pop();
  const KnownClass* known = made->kind == Kind::kClass ? known_class(made->text) : nullptr;
  if (known == nullptr || arguments->kind != Kind::kTuple)
    bad_torch(source_, "its pickle makes an object of {} (byte {})",
              made->kind == Kind::kClass ? excerpt(made->text) : "something that is not a class", opcode_at_);
  const auto& given = arguments->items;
  switch (known->use) {
    case ClassUse::kDict:
      push(make_dict(*arguments));
      return;
    case ClassUse::kTensor:
      push(make_tensor(known->name, *arguments));
      return;
    case ClassUse::kTensorOfType:
      if (given.size() < 7 || given[6]->kind != Kind::kClass || !is_element_type(given[6]->text))
        bad_torch(source_, "a tensor in it has no element type");
      push(make_tensor(known->name, *arguments));
      top()->items.push_back(given[6]);
      return;
    case ClassUse::kOpaque:
      push(make(Kind::kOpaque));
      return;
    case ClassUse::kModule:
      push(make(Kind::kDict, 0, made->text));
      return;
    case ClassUse::kParameter:
      if (given.empty() || given[0]->kind != Kind::kTensor)
        bad_torch(source_, "a parameter in it is not a tensor");
      push(given[0]);
      return;
    case ClassUse::kSize:
      if (given.size() != 1 || (given[0]->kind != Kind::kTuple && given[0]->kind != Kind::kList))
        bad_torch(source_, "a torch.Size in it is not a list of numbers");
      push(given[0]);
      return;
  }
}

// Those of a module are its tensors and the modules below; others, such as a dictionary's _metadata, hold no
// tensors.
void Unpickler::give_attributes() {
  Node* attributes = pop();
  Node* object = top();
  if (object->kind != Kind::kDict && object->kind != Kind::kOpaque)
    bad_torch(source_, "its pickle gives attributes to something that has none");
  const bool module = object->kind == Kind::kDict && !object->text.empty();
  if (!module || attributes->kind != Kind::kDict) return;
  spend(attributes->items.size());  // the memo lets one dictionary be used again and again
  object->items.insert(object->items.end(), attributes->items.begin(), attributes->items.end());
}

PickleNode* Unpickler::make_dict(const Node& arguments) {
  Node* dict = make(Kind::kDict);
  if (arguments.items.empty()) return dict;
  const Node* pairs = arguments.items[0];  // Python 2 gives the entries as a list of pairs
  if (pairs->kind != Kind::kList) bad_torch(source_, "a dictionary in it is not made of pairs");
  spend(2 * pairs->items.size());  // the memo lets one list be used again and again
  for (const Node* pair : pairs->items) {
    if ((pair->kind != Kind::kList && pair->kind != Kind::kTuple) || pair->items.size() != 2)
      bad_torch(source_, "a dictionary in it is not made of pairs");
    dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
  }
  return dict;
}

PickleNode* Unpickler::make_tensor(std::string_view name, const Node& arguments) {
  const auto& given = arguments.items;
  if (given.size() < 4 || given[0]->kind != Kind::kStorage || given[1]->kind != Kind::kInt)
    bad_torch(source_, "the arguments of {} are not those of a tensor", name);
  Node* tensor = make(Kind::kTensor);
  tensor->items.assign(given.begin(), given.begin() + 4);
  return tensor;
}

void Unpickler::push_storage(Node* record) {
  const auto& items = record->items;
  if (record->kind != Kind::kTuple || items.size() < 5 || items[0]->kind != Kind::kString ||
      items[0]->text != "storage" || items[1]->kind != Kind::kClass || !is_storage(items[1]->text) ||
      items[2]->kind != Kind::kString || items[4]->kind != Kind::kInt)
    bad_torch(source_, "a storage record in its pickle is malformed (byte {})", opcode_at_);
  Node* storage = make(Kind::kStorage);
  storage->items.assign(items.begin() + 1, items.begin() + std::min<std::ptrdiff_t>(6, std::ssize(items)));
  storages_.push_back(storage);
  push(storage);
}

}  // namespace anomalyvlm
