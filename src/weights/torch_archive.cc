#include "weights/torch_archive.h"

#include <algorithm>
#include <limits>

namespace anomalyvlm {

namespace {

using Bytes = std::span<const std::uint8_t>;

struct StorageType {
  std::string_view name;
  std::size_t element;
  bool readable;
  DType type;
};
constexpr StorageType kStorageTypes[] = {
    {"FloatStorage", 4, true, DType::kF32},
    {"DoubleStorage", 8, true, DType::kF64},
    {"HalfStorage", 2, true, DType::kF16},
    {"BFloat16Storage", 2, true, DType::kBF16},
    {"LongStorage", 8, true, DType::kI64},
    {"IntStorage", 4, true, DType::kI32},
    {"ShortStorage", 2, true, DType::kI16},
    {"CharStorage", 1, true, DType::kI8},
    {"ByteStorage", 1, true, DType::kU8},
    {"UntypedStorage", 1, true, DType::kU8},
    {"BoolStorage", 1, true, DType::kBool},
    {"ComplexFloatStorage", 8, false, DType::kF32},
    {"ComplexDoubleStorage", 16, false, DType::kF32},
};

constexpr std::string_view kLegacyMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t kLegacyVersion = 1001;

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50,
                        kEnd64Locator = 0x07064b50, kEnd64 = 0x06064b50;

// The zip archive's own table of contents.
class ZipReader {
 public:
  struct Entry {
    Bytes data;
    bool plain = true;  // as torch.save stores them: not compressed, not encrypted
  };

  ZipReader(Bytes bytes, const std::string& source) : bytes_(bytes), source_(source) { read(); }

  const std::map<std::string_view, Entry>& entries() const { return entries_; }

  // Throws Error(kBadModel) when the entry is not plain.
  Bytes data(std::string_view name) const {
    const Entry& entry = entries_.at(name);
    if (!entry.plain)
      bad_torch(source_, "'{}' in the zip archive is compressed or encrypted, which torch.save never does",
                excerpt(name));
    return entry.data;
  }

 private:
  struct Directory {
    std::uint64_t begin, size, count;
  };

  Bytes part(std::uint64_t begin, std::uint64_t size, const char* what) const {
    if (begin > bytes_.size() || size > bytes_.size() - begin)
      bad_torch(source_,
                "{} of the zip archive reaches beyond the file's {} bytes; was the download cut short?", what,
                bytes_.size());
    return bytes_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
  }

  static std::uint64_t number(Bytes from, std::size_t at, int size) {
    std::uint64_t value = 0;
    for (int i = size - 1; i >= 0; --i) value = value << 8 | from[at + static_cast<std::size_t>(i)];
    return value;
  }

  std::size_t find_end() const {
    constexpr std::size_t kSize = 22, kLongestComment = 65535;
    if (bytes_.size() >= kSize) {
      const std::size_t last = bytes_.size() - kSize;
      for (std::size_t back = 0; back <= std::min(last, kLongestComment); ++back)
        if (number(bytes_, last - back, 4) == kEnd && number(bytes_, last - back + 20, 2) == back)
          return last - back;
    }
    bad_torch(source_, "the zip archive has no end; was the download cut short?");
  }

  Directory find_directory() const {
    const std::size_t end = find_end();
    if (end >= 20 && number(bytes_, end - 20, 4) == kEnd64Locator) {
      const Bytes end64 = part(number(bytes_, end - 20 + 8, 8), 56, "the end record");
      if (number(end64, 0, 4) != kEnd64) bad_torch(source_, "the zip archive's end record is damaged");
      return {number(end64, 48, 8), number(end64, 40, 8), number(end64, 32, 8)};
    }
    return {number(bytes_, end + 16, 4), number(bytes_, end + 12, 4), number(bytes_, end + 10, 2)};
  }

  void read() {
    const Directory directory = find_directory();
    Bytes rest = part(directory.begin, directory.size, "the table of contents");
    for (std::uint64_t i = 0; i < directory.count; ++i) {
      if (rest.size() < 46 || number(rest, 0, 4) != kCentralHeader)
        bad_torch(source_, "entry {} of the zip archive's table of contents is damaged", i + 1);
      const std::size_t name = number(rest, 28, 2), extra = number(rest, 30, 2),
                        comment = number(rest, 32, 2), size = 46 + name + extra + comment;
      if (size > rest.size())
        bad_torch(source_, "entry {} of the zip archive's table of contents is damaged", i + 1);
      read_entry(rest.first(46), rest.subspan(46, name), rest.subspan(46 + name, extra));
      rest = rest.subspan(size);
    }
  }

  void read_entry(Bytes header, Bytes name_bytes, Bytes extra) {
    const std::string_view name(reinterpret_cast<const char*>(name_bytes.data()), name_bytes.size());
    std::uint64_t size = number(header, 24, 4), packed = number(header, 20, 4), begin = number(header, 42, 4);
    read_zip64(extra, {&size, &packed, &begin});
    const bool plain = number(header, 10, 2) == 0 && packed == size && (number(header, 8, 2) & 1) == 0;
    const Bytes local = part(begin, 30, "an entry");
    if (number(local, 0, 4) != kLocalHeader)
      bad_torch(source_, "'{}' in the zip archive is not where its table of contents says", excerpt(name));
    // `begin` lies inside the file, so the sum cannot overflow.
    const Bytes data = part(begin + 30 + number(local, 26, 2) + number(local, 28, 2), packed, "an entry");
    if (!entries_.emplace(name, Entry{data, plain}).second)
      bad_torch(source_, "'{}' is in the zip archive twice", excerpt(name));
  }

  // The 64-bit forms of those numbers that are all ones, in this order.
  void read_zip64(Bytes extra, std::initializer_list<std::uint64_t*> numbers) const {
    while (extra.size() >= 4) {
      const std::size_t kind = number(extra, 0, 2), size = number(extra, 2, 2);
      if (size > extra.size() - 4) return;
      Bytes field = extra.subspan(4, size);
      extra = extra.subspan(4 + size);
      if (kind != 1) continue;
      for (std::uint64_t* value : numbers) {
        if (*value != 0xffffffff) continue;
        if (field.size() < 8) bad_torch(source_, "a 64-bit size in the zip archive is missing");
        *value = number(field, 0, 8);
        field = field.subspan(8);
      }
      return;
    }
  }

  Bytes bytes_;
  const std::string& source_;
  std::map<std::string_view, Entry> entries_;
};

// "name/" of the folder that holds data.pkl, whatever its name; empty if it lies at the top.
std::string find_folder(const ZipReader& zip, const std::string& source) {
  constexpr std::string_view kPickle = "data.pkl";
  for (const auto& [name, entry] : zip.entries()) {
    if (!name.ends_with(kPickle)) continue;
    const std::string_view folder = name.substr(0, name.size() - kPickle.size());
    if (folder.empty() || folder.find('/') == folder.size() - 1) return std::string(folder);
  }
  bad_torch(source, "it is a zip archive without data.pkl, so torch.save did not write it");
}

// The values of the consecutive pickles, one by one.
class PickleSequence {
 public:
  PickleSequence(Bytes bytes, Unpickler& unpickler) : rest_(bytes), unpickler_(unpickler) {}
  const PickleNode* next() {
    const PickleNode* node = unpickler_.read(rest_);
    rest_ = rest_.subspan(unpickler_.consumed());
    return node;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
  Unpickler& unpickler_;
};

void check_legacy_header(PickleSequence& pickles, const std::string& source) {
  using Kind = PickleNode::Kind;
  const PickleNode* magic = pickles.next();
  if (magic->kind != Kind::kOpaque || magic->text != kLegacyMagic)
    bad_torch(source, "it is a pickle, but torch.save did not write it");
  const PickleNode* version = pickles.next();
  if (version->kind != Kind::kInt || version->number != kLegacyVersion)
    bad_torch(source, "its version is not {}; save it again with a newer torch", kLegacyVersion);
  const PickleNode* system = pickles.next();
  if (system->kind != Kind::kDict) bad_torch(source, "its third pickle does not describe a system");
  for (std::size_t i = 0; i + 1 < system->items.size(); i += 2)
    if (system->items[i]->kind == Kind::kString && system->items[i]->text == "little_endian" &&
        system->items[i + 1]->number == 0)
      bad_torch(source, "it was written on a big-endian machine; save it again on another");
}

// What the pickle says of each storage that has data of its own. The data are found only by their sizes, so
// two records of one key must agree.
std::map<std::string_view, StorageRecord> storage_records(const Unpickler& unpickler,
                                                          const std::string& source) {
  std::map<std::string_view, StorageRecord> records;
  for (const PickleNode* node : unpickler.storages()) {
    const StorageRecord record = read_storage_record(*node, source);
    const auto [known, added] = records.emplace(record.key, record);
    if (!added && (known->second.element != record.element || known->second.count != record.count))
      bad_torch(source, "its records of storage '{}' disagree", excerpt(record.key));
  }
  return records;
}

}  // namespace

StorageRecord read_storage_record(const PickleNode& storage, const std::string& source) {
  using Kind = PickleNode::Kind;
  const auto& items = storage.items;
  StorageRecord record;
  record.key = items[1]->text;
  const std::string_view class_name = items[0]->text;
  record.type_name = class_name.substr(class_name.rfind('.') + 1);
  const auto* type = std::find_if(std::begin(kStorageTypes), std::end(kStorageTypes),
                                  [&](const StorageType& entry) { return entry.name == record.type_name; });
  if (type == std::end(kStorageTypes))
    bad_torch(source, "it holds a storage of the class '{}', which this program does not read",
              excerpt(class_name));
  record.readable = type->readable;
  record.type = type->type;
  record.element = type->element;
  if (items[3]->number < 0 || items[3]->number > std::numeric_limits<std::int64_t>::max() / 16)
    bad_torch(source, "storage '{}' has an absurd size, {}", excerpt(record.key), items[3]->number);
  record.count = record.view_count = static_cast<std::uint64_t>(items[3]->number);
  if (items.size() < 5 || items[4]->kind == Kind::kNone) return record;
  const auto& view = items[4]->items;  // key, offset and count of a part of the storage
  if (items[4]->kind != Kind::kTuple || view.size() != 3 || view[1]->kind != Kind::kInt ||
      view[2]->kind != Kind::kInt || view[1]->number < 0 || view[2]->number < 0 ||
      view[1]->number > items[3]->number || view[2]->number > items[3]->number - view[1]->number)
    bad_torch(source, "a part of storage '{}' does not lie inside it", excerpt(record.key));
  record.view_offset = static_cast<std::uint64_t>(view[1]->number);
  record.view_count = static_cast<std::uint64_t>(view[2]->number);
  return record;
}

bool looks_like_zip(Bytes bytes) {
  constexpr std::string_view kStart = "PK\x03\x04";
  return bytes.size() >= kStart.size() && std::memcmp(bytes.data(), kStart.data(), kStart.size()) == 0;
}

TorchArchive open_zip(Bytes bytes, Unpickler& unpickler, const std::string& source) {
  const ZipReader zip(bytes, source);
  const std::string folder = find_folder(zip, source);
  if (zip.entries().contains(folder + "byteorder")) {
    const Bytes word = zip.data(folder + "byteorder");
    constexpr std::string_view kLittle = "little";
    if (!std::equal(word.begin(), word.end(), kLittle.begin(), kLittle.end()))
      bad_torch(source, "its numbers are not little-endian; save it again on another machine");
  }
  TorchArchive archive;
  archive.object = unpickler.read(zip.data(folder + "data.pkl"));
  const std::string data = folder + "data/";
  for (const auto& [name, entry] : zip.entries())
    if (name.starts_with(data)) archive.storages.emplace(name.substr(data.size()), zip.data(name));
  return archive;
}

TorchArchive open_legacy(Bytes bytes, Unpickler& unpickler, const std::string& source) {
  using Kind = PickleNode::Kind;
  PickleSequence pickles(bytes, unpickler);
  check_legacy_header(pickles, source);
  TorchArchive archive;
  archive.object = pickles.next();
  const PickleNode* keys = pickles.next();
  if (keys->kind != Kind::kList) bad_torch(source, "its list of storages is missing");
  const auto records = storage_records(unpickler, source);
  Bytes rest = pickles.rest();
  for (const PickleNode* key : keys->items) {
    const auto record = key->kind == Kind::kString ? records.find(key->text) : records.end();
    if (record == records.end())
      bad_torch(source, "its list of storages names one that no tensor uses ('{}')", excerpt(key->text));
    std::uint64_t count = 0;
    if (rest.size() < sizeof(count)) bad_torch(source, "it ends early; was the download cut short?");
    std::memcpy(&count, rest.data(), sizeof(count));
    rest = rest.subspan(sizeof(count));
    if (count != record->second.count)
      bad_torch(source, "storage '{}' has {} elements where {} were announced", excerpt(key->text), count,
                record->second.count);
    if (count > rest.size() / record->second.element)
      bad_torch(source, "it ends inside storage '{}'; was the download cut short?", excerpt(key->text));
    const std::size_t size = static_cast<std::size_t>(count) * record->second.element;
    if (!archive.storages.emplace(key->text, rest.first(size)).second)
      bad_torch(source, "storage '{}' is there twice", excerpt(key->text));
    rest = rest.subspan(size);
  }
  return archive;
}

}  // namespace anomalyvlm
