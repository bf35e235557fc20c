#include "weights/safetensors.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "core/platform.h"
#include "weights/excerpt.h"
#include "weights/safetensors_types.h"

namespace anomalyvlm {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "weight files hold little-endian numbers");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxParts = 2'000'000;       // keys and values of the header; a tensor has about 11
constexpr std::size_t kMaxDepth = 3;
constexpr std::size_t kMaxRank = 32;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 48;

std::uint64_t header_length(std::span<const std::uint8_t> bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return length;
}

// Refuses, before anything is built from it, what is no JSON, and what JSON allows but no header has: keys
// that repeat, depth, endless lists.
class HeaderCheck : public nlohmann::json_sax<json> {
 public:
  // `refuse` throws.
  explicit HeaderCheck(std::function<void(const std::string& problem)> refuse) : refuse_(std::move(refuse)) {}

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second)
      refuse_(fmt::format("'{}' appears twice in its header", excerpt(name)));
    return count();
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
    constexpr int kOutOfRange = 406;
    refuse_(error.id == kOutOfRange ? "its header holds a number that is too large"
                                    : fmt::format("its header is not JSON (byte {} of it)", position));
    return false;
  }

 private:
  bool count() {
    if (++count_ > kMaxParts) refuse_(fmt::format("its header has more than {} keys and values", kMaxParts));
    return true;
  }
  bool open() {
    keys_.emplace_back();
    if (keys_.size() > kMaxDepth) refuse_("its header is nested too deeply");
    return count();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::function<void(const std::string&)> refuse_;
  std::vector<std::set<std::string>> keys_;  // of the objects and lists that are open
  std::size_t count_ = 0;
};

// One reading of one file; every message begins with its name.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner, const std::string& source)
      : bytes_(bytes), owner_(std::move(owner)), source_(source) {}

  std::shared_ptr<const WeightFile> read() {
    const json header = parse_header();
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__")
        read_metadata(entry);
      else
        read_entry(name, entry);
    }
    check_coverage();  // before anything is copied: parts that overlap could be copied without end
    WeightFile::Tensors tensors;
    for (const Entry& entry : entries_)
      if (entry.type) tensors.emplace(entry.name, make_tensor(entry));
    return std::make_shared<WeightFile>(source_, std::move(tensors), std::move(metadata_),
                                        std::move(unreadable_));
  }

 private:
  struct Entry {
    std::string name;
    std::optional<DType> type;  // none: one that Tensor does not know
    Shape shape;
    std::uint64_t begin = 0, end = 0;  // bytes of data_
  };

  template <typename... Args>
  [[noreturn]] void bad(fmt::format_string<Args...> text, Args&&... args) const {
    fail(ErrorKind::kBadModel, "{}: damaged safetensors file: {}", source_,
         fmt::format(text, std::forward<Args>(args)...));
  }

  json parse_header() {
    if (bytes_.size() < 8) bad("it ends after {} bytes", bytes_.size());
    const std::uint64_t length = header_length(bytes_);
    if (length > kMaxHeader || length > bytes_.size() - 8)
      bad("its header should be {} bytes long, but the file holds {} in all; was the download cut short?",
          length, bytes_.size());
    data_ = bytes_.subspan(8 + static_cast<std::size_t>(length));
    const auto* text = reinterpret_cast<const char*>(bytes_.data()) + 8;
    HeaderCheck check([this](const std::string& problem) { bad("{}", problem); });
    json::sax_parse(text, text + length, &check);
    json header = json::parse(text, text + length);
    if (!header.is_object()) bad("its header is not a JSON object");
    return header;
  }

  void read_metadata(const json& entry) {
    if (!entry.is_object()) bad("__metadata__ is not a JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) bad("__metadata__ '{}' is not a string", excerpt(key));
      metadata_.emplace(key, value.get<std::string>());
    }
  }

  std::uint64_t whole_number(const json& value, const std::string& name, const char* what) const {
    // Numbers beyond 64 bits are parsed as floating point, so this refuses them too.
    if (!value.is_number_unsigned())
      bad("{} of '{}' is not a whole number of 0 or more", what, excerpt(name));
    return value.get<std::uint64_t>();
  }

  const json& field(const json& entry, const std::string& name, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end()) bad("'{}' has no {}", excerpt(name), key);
    return *found;
  }

  Shape read_shape(const json& entry, const std::string& name) const {
    const json& list = field(entry, name, "shape");
    if (!list.is_array()) bad("the shape of '{}' is not a list", excerpt(name));
    if (list.size() > kMaxRank)
      bad("'{}' has {} dimensions; {} is the limit", excerpt(name), list.size(), kMaxRank);
    Shape shape;
    std::uint64_t product = 1;  // without sizes of 0, which must not hide a product that overflows
    for (const json& value : list) {
      const std::uint64_t size = whole_number(value, name, "the shape");
      if (size > kMaxElements / product) bad("the shape of '{}' is absurdly large", excerpt(name));
      product *= std::max<std::uint64_t>(size, 1);
      shape.push_back(static_cast<std::int64_t>(size));
    }
    return shape;
  }

  void read_range(const json& json_entry, Entry& entry) const {
    const json& offsets = field(json_entry, entry.name, "data_offsets");
    if (!offsets.is_array() || offsets.size() != 2)
      bad("data_offsets of '{}' are not two numbers", excerpt(entry.name));
    entry.begin = whole_number(offsets[0], entry.name, "a data offset");
    entry.end = whole_number(offsets[1], entry.name, "a data offset");
    if (entry.begin > entry.end) bad("the data of '{}' end before they begin", excerpt(entry.name));
    if (entry.end > data_.size())
      bad("the data of '{}' reach to byte {}, but the file holds only {}; was the download cut short?",
          excerpt(entry.name), entry.end, data_.size());
  }

  void read_entry(const std::string& name, const json& json_entry) {
    if (!json_entry.is_object()) bad("the entry '{}' is not a JSON object", excerpt(name));
    const json& type_name = field(json_entry, name, "dtype");
    if (!type_name.is_string()) bad("the dtype of '{}' is not a string", excerpt(name));
    Entry entry{name, safetensors_type(type_name.get<std::string>()), read_shape(json_entry, name)};
    read_range(json_entry, entry);
    const std::uint64_t length = entry.end - entry.begin;
    if (!entry.type)
      unreadable_.emplace(name, excerpt(type_name.get_ref<const std::string&>()));
    else if (!fits(entry.shape, size_of(*entry.type), length))
      bad("'{}' of shape {} and type {} does not have the {} bytes that it is given", excerpt(name),
          to_string(entry.shape), safetensors_name(*entry.type), length);
    entries_.push_back(std::move(entry));
  }

  // Whether the shape has exactly this many bytes; stops before a product could overflow.
  static bool fits(const Shape& shape, std::uint64_t element, std::uint64_t bytes) {
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return bytes == 0;
    if (bytes % element != 0) return false;
    std::uint64_t left = bytes / element;
    for (const std::int64_t size : shape) {
      if (left % static_cast<std::uint64_t>(size) != 0) return false;
      left /= static_cast<std::uint64_t>(size);
    }
    return left == 1;
  }

  Tensor make_tensor(const Entry& entry) const {
    const auto data = data_.subspan(entry.begin, entry.end - entry.begin);
    if (reinterpret_cast<std::uintptr_t>(data.data()) % size_of(*entry.type) == 0)
      return Tensor(*entry.type, entry.shape, owner_, data.data());
    auto copy = std::make_shared<std::vector<std::uint64_t>>(data.size() / 8 + 1);
    if (!data.empty()) std::memcpy(copy->data(), data.data(), data.size());
    const void* start = copy->data();
    return Tensor(*entry.type, entry.shape, std::move(copy), start);
  }

  void check_coverage() {
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t reached = 0;
    for (const Entry& entry : entries_) {
      if (entry.begin == entry.end) continue;
      if (entry.begin < reached) bad("the data of '{}' overlap those of another tensor", excerpt(entry.name));
      if (entry.begin > reached)
        bad("{} bytes before the data of '{}' belong to no tensor", entry.begin - reached,
            excerpt(entry.name));
      reached = entry.end;
    }
    if (reached != data_.size()) bad("{} bytes at its end belong to no tensor", data_.size() - reached);
  }

  std::span<const std::uint8_t> bytes_, data_;
  std::shared_ptr<const void> owner_;
  const std::string& source_;
  std::vector<Entry> entries_;
  WeightFile::Strings metadata_, unreadable_;
};

}  // namespace

bool looks_like_safetensors(std::span<const std::uint8_t> bytes) {
  return bytes.size() > 8 && bytes[8] == '{' && header_length(bytes) <= kMaxHeader;
}

std::shared_ptr<const WeightFile> parse_safetensors(std::span<const std::uint8_t> bytes,
                                                    std::shared_ptr<const void> owner,
                                                    const std::string& source) {
  return Reader(bytes, std::move(owner), source).read();
}

namespace {

struct NamedType {
  const char* name;
  DType type;
};
constexpr NamedType kTypes[] = {
    {"F32", DType::kF32}, {"F64", DType::kF64},   {"F16", DType::kF16}, {"BF16", DType::kBF16},
    {"I64", DType::kI64}, {"I32", DType::kI32},   {"I16", DType::kI16}, {"I8", DType::kI8},
    {"U8", DType::kU8},   {"BOOL", DType::kBool},
};

}  // namespace

std::optional<DType> safetensors_type(std::string_view name) {
  for (const NamedType& entry : kTypes)
    if (name == entry.name) return entry.type;
  return std::nullopt;
}

const char* safetensors_name(DType type) {
  for (const NamedType& entry : kTypes)
    if (type == entry.type) return entry.name;
  internal_error("every element type has a name", __FILE__, __LINE__);
}

}  // namespace anomalyvlm
