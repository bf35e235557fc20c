#include "weights/fixtures.h"

#include "weights/safetensors.h"
#include "weights/torch_pickle.h"

namespace anomalyvlm::test {

Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

void append_number(Bytes& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8) to.push_back(static_cast<std::uint8_t>(value));
}

Bytes make_safetensors(std::string_view header, const Bytes& data) {
  Bytes file;
  append_number(file, header.size(), 8);
  append(file, to_bytes(header));
  append(file, data);
  return file;
}

namespace {

constexpr std::uint64_t kInExtra = 0xffffffff;

// What the local header and the table of contents both say of an entry: from the flags to the name's length.
void append_entry(Bytes& to, const ZipEntry& entry) {
  append_number(to, 0, 2);  // flags
  append_number(to, static_cast<std::uint64_t>(entry.method), 2);
  append_number(to, 0, 8);  // time, checksum
  for (int i = 0; i < 2; ++i) append_number(to, entry.zip64 ? kInExtra : entry.data.size(), 4);
  append_number(to, entry.name.size(), 2);
}

void append_directory(Bytes& to, const ZipEntry& entry, std::size_t begin) {
  append(to, to_bytes("PK\x01\x02"));
  append_number(to, 45 << 16 | 45, 4);
  append_entry(to, entry);
  append_number(to, entry.zip64 ? 28 : 0, 2);
  append_number(to, 0, 10);  // comment, disk, attributes
  append_number(to, entry.zip64 ? kInExtra : begin, 4);
  append(to, to_bytes(entry.name));
  if (!entry.zip64) return;
  append_number(to, 24 << 16 | 1, 4);
  for (const std::size_t value : {entry.data.size(), entry.data.size(), begin}) append_number(to, value, 8);
}

void append_end64(Bytes& to, std::size_t count, std::size_t begin) {
  const std::size_t end = to.size();
  append(to, to_bytes("PK\x06\x06"));
  append_number(to, 44, 8);
  append_number(to, 45 << 16 | 45, 4);
  append_number(to, 0, 8);
  for (const std::size_t value : {count, count, end - begin, begin}) append_number(to, value, 8);
  append(to, to_bytes("PK\x06\x07"));
  append_number(to, 0, 4);
  append_number(to, end, 8);
  append_number(to, 1, 4);
}

}  // namespace

Bytes make_zip(const std::vector<ZipEntry>& entries, bool zip64) {
  Bytes file, directory;
  for (const ZipEntry& entry : entries) {
    append_directory(directory, entry, file.size());
    append(file, to_bytes("PK\x03\x04"));
    append_number(file, 45, 2);
    append_entry(file, entry);
    append_number(file, entry.gap, 2);
    append(file, to_bytes(entry.name));
    append(file, Bytes(entry.gap, 'Z'));
    append(file, entry.data);
  }
  const std::size_t begin = file.size();
  append(file, directory);
  if (zip64) append_end64(file, entries.size(), begin);
  append(file, to_bytes("PK\x05\x06"));
  append_number(file, 0, 4);
  for (int i = 0; i < 2; ++i) append_number(file, zip64 ? 0xffff : entries.size(), 2);
  append_number(file, directory.size(), 4);
  append_number(file, zip64 ? kInExtra : begin, 4);
  append_number(file, 0, 2);
  return file;
}

Pickle::Pickle(int protocol) { bytes_ = {0x80, static_cast<std::uint8_t>(protocol)}; }

Pickle& Pickle::op(std::string_view opcodes) {
  append(bytes_, to_bytes(opcodes));
  return *this;
}

Pickle& Pickle::text(std::string_view value) {
  op("X");
  append_number(bytes_, value.size(), 4);
  return op(value);
}

Pickle& Pickle::number(std::int64_t value) {
  op("\x8a\x08");
  append_number(bytes_, static_cast<std::uint64_t>(value), 8);
  return *this;
}

Pickle& Pickle::numbers(const std::vector<std::int64_t>& values) {
  op("(");
  for (const std::int64_t value : values) number(value);
  return op("t");
}

Pickle& Pickle::global(std::string_view module, std::string_view name) {
  return op("c").op(module).op("\n").op(name).op("\n");
}

Pickle& Pickle::storage(const Record& record) {
  return op("(")
      .text("storage")
      .global("torch", record.storage)
      .text(record.key)
      .text("cpu")
      .number(record.count)
      .op("tQ");
}

Pickle& Pickle::tensor(const Record& record) {
  global("torch._utils", "_rebuild_tensor_v2").op("(").storage(record).number(record.offset);
  return numbers(record.sizes).numbers(record.strides).op("\x89").op("NtR");
}

Bytes Pickle::end() const {
  Bytes bytes = bytes_;
  bytes.push_back('.');
  return bytes;
}

Bytes pickle_of(const Pickle::Record& record) {
  return Pickle().op("}").text("w").tensor(record).op("s").end();
}

Bytes make_torch_zip(const Bytes& pickle, const Storages& storages) {
  std::vector<ZipEntry> entries = {{"archive/data.pkl", pickle}, {"archive/byteorder", to_bytes("little")}};
  for (const auto& [key, data] : storages) {
    // As torch does, so that the data of every storage lie at a multiple of 64 bytes.
    std::size_t before = 0;
    for (const ZipEntry& entry : entries) before += 30 + entry.name.size() + entry.gap + entry.data.size();
    ZipEntry entry{"archive/data/" + key, data};
    entry.gap = (64 - (before + 30 + entry.name.size()) % 64) % 64;
    entries.push_back(std::move(entry));
  }
  entries.push_back({"archive/version", to_bytes("3\n")});
  return make_zip(entries);
}

Bytes make_torch_legacy(const Bytes& pickle, const Storages& storages,
                        const std::map<std::string, std::int64_t>& counts, int protocol) {
  Bytes file = Pickle(protocol).op("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19").end();
  append(file, Pickle(protocol).number(1001).end());
  append(file, Pickle(protocol).op("}").text("little_endian").op("\x88s").end());
  append(file, pickle);
  Pickle keys(protocol);
  keys.op("](");
  for (const auto& [key, data] : storages) keys.text(key);
  append(file, keys.op("e").end());
  for (const auto& [key, data] : storages) {
    append_number(file, static_cast<std::uint64_t>(counts.at(key)), 8);
    append(file, data);
  }
  return file;
}

std::shared_ptr<const WeightFile> load(const Bytes& bytes) {
  // A block of exactly this size, so that the sanitizers see a step beyond it.
  const std::shared_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return parse_weights({copy.get(), bytes.size()}, copy, "test");
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kBadModel ? error.what()
                                                : std::string("of another kind: ") + error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return "nothing was thrown";
}

std::string error_of(const Bytes& bytes) {
  return error_of([&] { load(bytes); });
}

float filled(std::string_view name, std::size_t i) { return static_cast<float>((7 * i + name.size()) % 11); }

}  // namespace anomalyvlm::test
