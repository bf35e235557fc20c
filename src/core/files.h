#pragma once
// Files that are written in pieces. Their POSIX form is files_posix.cc. All throw Error(kIo) naming the file
// and the reason.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace anomalyvlm {

// What tells without reading a file that it is still the same one: its status changes with its content, and
// cannot be set back as the time of modification can.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;  // since 1970

  bool operator==(const FileStamp&) const = default;
};
FileStamp file_stamp(const std::filesystem::path& path);  // of an ordinary file

enum class Access {
  kUsual,
  kOwnerOnly
};  // who may read and write a new file: as the umask says, or its owner

// A file that is either whole or not there: written under a name of its own beside `target` (ending in
// ".part"), which is gone again unless finish() gives it the target's. It takes the place of a file or a
// link, not of a folder, a pipe or a device. See remove_unfinished_files().
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target, Access access = Access::kUsual);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::uint8_t> bytes);  // at the end
  void overwrite(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  void finish();

 private:
  std::filesystem::path target_;
  std::string name_;
  int fd_ = -1;
  bool finished_ = false;
};

// What killed writers left in a folder: files that end in ".part" and that no AtomicFile or GrowingFile has
// open any more are removed. Returns how many.
int remove_stale_parts(const std::filesystem::path& folder);

// The unfinished files of all AtomicFiles of this process; for signal handlers.
void remove_unfinished_files();

// A file that grows over several runs until it is whole, and that one process at a time has: the others wait.
class GrowingFile {
 public:
  // Opens or makes it; what has this name and is no ordinary file (a link, a pipe, a device) is refused.
  // `on_wait` is called once if another process has it, before waiting; what it throws is
  // passed on.
  explicit GrowingFile(const std::filesystem::path& path, const std::function<void()>& on_wait = {});
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  std::uint64_t size() const { return size_; }
  void append(std::span<const std::uint8_t> bytes);
  void shorten(std::uint64_t size);  // to its first bytes
  // Gives it this name, in the same folder, once its bytes are on the disk. It is not to be written after.
  void become(const std::filesystem::path& target);
  void remove();

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

// Writes a file as an AtomicFile at once.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
                           Access access = Access::kUsual);
void write_file_atomically(const std::filesystem::path& path, const std::string& text);

// For a log: adds at the end of a file, to a device or to a pipe; never waits for somebody to read that pipe.
std::FILE* open_to_append(const std::filesystem::path& path);

// The first bytes of an ordinary file: `most` of them, or as many as there are.
std::string read_start(const std::filesystem::path& path, std::size_t most);
// Reads a whole file of at most `limit` bytes. An error, too: it was written to meanwhile.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 32);
// The same of a file that nobody but this user can have written; no symbolic link.
std::string read_own_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace anomalyvlm
