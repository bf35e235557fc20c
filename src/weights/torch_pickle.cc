#include "weights/torch_pickle.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "weights/torch_archive.h"

namespace anomalyvlm {

namespace {

using Bytes = std::span<const std::uint8_t>;
using Node = PickleNode;
using Kind = PickleNode::Kind;

constexpr std::size_t kMaxRank = 32, kMaxDepth = 32;
// Dictionaries may share their parts, so a small file may hold very many things.
constexpr std::size_t kMaxVisits = 4'000'000;                   // a tensor and its name count 7
constexpr std::size_t kMaxName = 1024, kMaxNames = 64'000'000;  // characters of one name, of all
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 48;

// How a tensor lies in its storage; all in elements.
struct Layout {
  Shape shape;
  std::vector<std::uint64_t> strides;
  std::uint64_t offset = 0;
  std::uint64_t count = 1;  // elements of the tensor
  bool contiguous = true;
};

// Calls `visit(offset)` for the offset in elements of every element, in row-major order.
template <typename Visit>
void for_each_offset(const Layout& layout, Visit&& visit) {
  const std::size_t rank = layout.shape.size();
  std::vector<std::int64_t> index(rank, 0);
  std::uint64_t offset = layout.offset;
  for (std::uint64_t i = 0; i < layout.count; ++i) {
    visit(offset);
    for (std::size_t axis = rank; axis-- > 0;) {
      offset += layout.strides[axis];
      if (++index[axis] < layout.shape[axis]) break;
      offset -= layout.strides[axis] * static_cast<std::uint64_t>(layout.shape[axis]);
      index[axis] = 0;
    }
  }
}

template <std::size_t kElement>
void gather(const Layout& layout, const std::uint8_t* from, std::uint8_t* to) {
  for_each_offset(layout, [&](std::uint64_t offset) {
    std::memcpy(to, from + offset * kElement, kElement);
    to += kElement;
  });
}

void gather(const Layout& layout, std::size_t element, const std::uint8_t* from, std::uint8_t* to) {
  switch (element) {
    case 1:
      return gather<1>(layout, from, to);
    case 2:
      return gather<2>(layout, from, to);
    case 4:
      return gather<4>(layout, from, to);
    case 8:
      return gather<8>(layout, from, to);
    default:
      internal_error("elements have 1, 2, 4 or 8 bytes", __FILE__, __LINE__);
  }
}

// Finds the tensors of a saved object, names them and gives them their data.
class Collector {
 public:
  Collector(Bytes file, std::shared_ptr<const void> owner, const TorchArchive& archive,
            const std::string& source)
      : owner_(std::move(owner)),
        archive_(archive),
        source_(source),
        // Expanded tensors are larger than their storage, but no honest file is mostly made of them.
        copies_left_(std::uint64_t{file.size()} * 2 + (1 << 24)) {}

  std::shared_ptr<const WeightFile> collect() {
    std::string name;
    visit(*choose(*archive_.object), name, 0);
    if (tensors_.empty() && unreadable_.empty()) bad_torch(source_, "it holds no tensors");
    return std::make_shared<WeightFile>(source_, std::move(tensors_), WeightFile::Strings{},
                                        std::move(unreadable_));
  }

 private:
  static bool holds_tensors(const Node& node) {
    if (node.kind != Kind::kDict) return false;
    for (std::size_t i = 1; i < node.items.size(); i += 2)
      if (node.items[i]->kind == Kind::kTensor) return true;
    return false;
  }

  static const Node* find(const Node& dict, std::string_view wanted) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Node& key = *dict.items[i];
      if (key.kind == Kind::kString && key.text == wanted) return dict.items[i + 1];
    }
    return nullptr;
  }

  static const Node* choose(const Node& object) {
    if (object.kind != Kind::kDict || holds_tensors(object) || !object.text.empty()) return &object;
    for (const char* wanted :
         {"model", "state_dict", "model_state_dict", "model_state", "net", "network", "params", "weights"})
      if (const Node* entry = find(object, wanted); entry != nullptr && holds_tensors(*entry)) return entry;
    return &object;
  }

  void visit(const Node& node, std::string& name, std::size_t depth) {
    visits_ += 1 + node.items.size();
    if (visits_ > kMaxVisits) bad_torch(source_, "it has more than {} parts", kMaxVisits);
    if (depth > kMaxDepth) bad_torch(source_, "its dictionaries are nested too deeply");
    if (node.kind == Kind::kTensor) return add(node, name);
    if (node.kind == Kind::kDict) {
      for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        const Node& key = *node.items[i];
        if (key.kind == Kind::kString) visit_entry(*node.items[i + 1], key.text, name, depth);
        if (key.kind == Kind::kInt) visit_entry(*node.items[i + 1], std::to_string(key.number), name, depth);
      }
    } else if (node.kind == Kind::kList || node.kind == Kind::kTuple) {
      for (std::size_t i = 0; i < node.items.size(); ++i)
        visit_entry(*node.items[i], std::to_string(i), name, depth);
    }
  }

  void visit_entry(const Node& node, std::string_view key, std::string& name, std::size_t depth) {
    const std::size_t length = name.size();
    if (key.size() > kMaxName || length > kMaxName)
      bad_torch(source_, "a name in it is longer than {} characters", kMaxName);
    if (depth > 0) name += '.';
    name += key;
    visit(node, name, depth + 1);
    name.resize(length);
  }

  void add(const Node& node, std::string_view name) {
    constexpr std::string_view kParallel = "module.";
    if (name.starts_with(kParallel)) name.remove_prefix(kParallel.size());
    if (name.empty()) name = "tensor";
    names_ += name.size();
    if (names_ > kMaxNames) bad_torch(source_, "its names have more than {} characters", kMaxNames);
    const StorageRecord record = read_storage_record(*node.items[0], source_);
    if (node.items.size() > 4 || !record.readable) {
      const std::string_view type = node.items.size() > 4 ? node.items[4]->text.substr(6) : record.type_name;
      unreadable_.insert_or_assign(std::string(name), excerpt(type));
      return;
    }
    const auto made = made_.find(&node);
    const Tensor tensor = made != made_.end() ? made->second : make(node, record, name);
    if (made == made_.end()) made_.emplace(&node, tensor);
    const auto [known, added] = tensors_.emplace(name, tensor);
    if (!added && known->second.raw() != tensor.raw())
      bad_torch(source_, "two of its tensors are called '{}'", excerpt(name));
  }

  std::vector<std::uint64_t> read_numbers(const Node& list, std::string_view name) const {
    if ((list.kind != Kind::kTuple && list.kind != Kind::kList) || list.items.size() > kMaxRank)
      bad_torch(source_, "the shape of '{}' is not a list of at most {} numbers", excerpt(name), kMaxRank);
    std::vector<std::uint64_t> numbers;
    for (const Node* item : list.items) {
      if (item->kind != Kind::kInt || item->number < 0)
        bad_torch(source_, "the shape or strides of '{}' are not whole numbers of 0 or more", excerpt(name));
      numbers.push_back(static_cast<std::uint64_t>(item->number));
    }
    return numbers;
  }

  Layout read_layout(const Node& node, std::string_view name) const {
    const std::vector<std::uint64_t> sizes = read_numbers(*node.items[2], name);
    Layout layout;
    layout.strides = read_numbers(*node.items[3], name);
    if (layout.strides.size() != sizes.size() || node.items[1]->number < 0)
      bad_torch(source_, "the offset or strides of '{}' do not fit its shape", excerpt(name));
    layout.offset = static_cast<std::uint64_t>(node.items[1]->number);
    // Sizes of 0 are left out of this product, so that they cannot hide a product that overflows elsewhere.
    std::uint64_t step = 1;
    bool empty = false;
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
      if (sizes[axis] > 1 && layout.strides[axis] != step) layout.contiguous = false;
      if (sizes[axis] == 0) empty = true;
      if (sizes[axis] > kMaxElements / step)
        bad_torch(source_, "the shape of '{}' is absurdly large", excerpt(name));
      step *= std::max<std::uint64_t>(sizes[axis], 1);
    }
    layout.shape.assign(sizes.begin(), sizes.end());
    layout.count = empty ? 0 : step;
    return layout;
  }

  // Whether the last element lies inside a storage of `available` elements.
  static bool fits(const Layout& layout, std::uint64_t available) {
    if (layout.count == 0) return true;
    if (layout.offset >= available) return false;
    std::uint64_t left = available - 1 - layout.offset;
    for (std::size_t axis = 0; axis < layout.shape.size(); ++axis) {
      const auto steps = static_cast<std::uint64_t>(layout.shape[axis] - 1);
      if (steps == 0) continue;
      if (layout.strides[axis] > left / steps) return false;
      left -= layout.strides[axis] * steps;
    }
    return true;
  }

  Tensor make(const Node& node, const StorageRecord& record, std::string_view name) {
    const Layout layout = read_layout(node, name);
    const auto storage = archive_.storages.find(record.key);
    if (storage == archive_.storages.end())
      bad_torch(source_, "the data of '{}' (storage '{}') are not in the file", excerpt(name),
                excerpt(record.key));
    const Bytes data = storage->second;
    if (record.count > data.size() / record.element)
      bad_torch(source_, "storage '{}' should have {} elements, but the file holds {} bytes of it",
                excerpt(record.key), record.count, data.size());
    if (!fits(layout, record.view_count))
      bad_torch(source_, "'{}' of shape {} reaches beyond its storage of {} elements", excerpt(name),
                to_string(layout.shape), record.view_count);
    if (layout.count == 0) return Tensor(record.type, layout.shape, owner_, data.data());
    const std::uint8_t* start = data.data() + record.view_offset * record.element;
    const std::uint8_t* first = start + layout.offset * record.element;
    if (layout.contiguous && reinterpret_cast<std::uintptr_t>(first) % record.element == 0)
      return Tensor(record.type, layout.shape, owner_, first);
    return copy(layout, record, start, name);
  }

  Tensor copy(const Layout& layout, const StorageRecord& record, const std::uint8_t* start,
              std::string_view name) {
    const std::uint64_t size = layout.count * record.element;
    if (size > copies_left_)
      bad_torch(source_, "'{}' of shape {} needs far more memory than the file has bytes", excerpt(name),
                to_string(layout.shape));
    copies_left_ -= size;
    auto values = std::make_shared<std::vector<std::uint64_t>>(static_cast<std::size_t>(size) / 8 + 1);
    gather(layout, record.element, start, reinterpret_cast<std::uint8_t*>(values->data()));
    const void* data = values->data();
    return Tensor(record.type, layout.shape, std::move(values), data);
  }

  std::shared_ptr<const void> owner_;
  const TorchArchive& archive_;
  const std::string& source_;
  std::uint64_t copies_left_;  // bytes
  std::size_t visits_ = 0, names_ = 0;
  std::unordered_map<const Node*, Tensor> made_;  // tensors may be shared
  WeightFile::Tensors tensors_;
  WeightFile::Strings unreadable_;
};

}  // namespace

bool looks_like_torch(Bytes bytes) {
  if (looks_like_zip(bytes)) return true;
  return bytes.size() >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

std::shared_ptr<const WeightFile> parse_torch(Bytes bytes, std::shared_ptr<const void> owner,
                                              const std::string& source) {
  Unpickler unpickler(source);
  const TorchArchive archive =
      looks_like_zip(bytes) ? open_zip(bytes, unpickler, source) : open_legacy(bytes, unpickler, source);
  return Collector(bytes, std::move(owner), archive, source).collect();
}

}  // namespace anomalyvlm
