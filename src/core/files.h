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

// Identifies a file's content without reading it: the status change time changes with the content and, unlike
// the modification time, cannot be set back.
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

// A file that appears complete or not at all: it is written under a temporary name beside `target` (ending in
// ".part"), and removed unless finish() renames it. It replaces a file or a link, but not a folder, a pipe or
// a device. See remove_unfinished_files().
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

// Removes what killed writers left in a folder: files that end in ".part" and that no AtomicFile or
// GrowingFile has open. Returns how many.
int remove_stale_parts(const std::filesystem::path& folder);

// The unfinished files of all AtomicFiles of this process; for signal handlers.
void remove_unfinished_files();

// A file that grows over several runs until it is complete. It belongs to one process at a time; others wait.
class GrowingFile {
 public:
  // Opens or creates it; anything else of this name (a link, a pipe, a device) is refused. `on_wait` is
  // called once if another process has it, before waiting; what it throws is passed on.
  explicit GrowingFile(const std::filesystem::path& path, const std::function<void()>& on_wait = {});
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  std::uint64_t size() const { return size_; }
  void append(std::span<const std::uint8_t> bytes);
  void shorten(std::uint64_t size);  // to its first bytes
  // Renames it within its folder once its bytes are on the disk. It must not be written to afterwards.
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

// For a log: appends to a file, a device or a pipe; never blocks on a pipe that nobody reads.
std::FILE* open_to_append(const std::filesystem::path& path);

// The first bytes of an ordinary file: `most` of them, or as many as there are.
std::string read_start(const std::filesystem::path& path, std::size_t most);
// Reads a whole file of at most `limit` bytes. It is also an error if the file was written to meanwhile.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 32);
// The same for a file that only this user can have written and that is not a symbolic link.
std::string read_own_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace anomalyvlm
