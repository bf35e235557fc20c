#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <atomic>
#include <utility>

#include "core/descriptor.h"
#include "core/files.h"
#include "core/folders.h"
#include "core/platform.h"

namespace anomalyvlm {
namespace {

// Names of files that are being written, for signal handlers.
std::array<std::atomic<const char*>, 16> g_unfinished;

void note_unfinished(const char* name) {
  for (auto& slot : g_unfinished) {
    const char* none = nullptr;
    if (slot.compare_exchange_strong(none, name)) break;
  }
}

void forget_unfinished(const char* name) {
  for (auto& slot : g_unfinished) {
    const char* own = name;
    if (slot.compare_exchange_strong(own, nullptr)) break;
  }
}

// Opens a file that grows. Never waits, as opening a pipe would, and follows no link.
int open_growing(const std::filesystem::path& path) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  const int error = errno;
  struct stat status;
  const bool known = fd >= 0 ? ::fstat(fd, &status) == 0 : ::lstat(path.c_str(), &status) == 0;
  if (known && !S_ISREG(status.st_mode)) {
    if (fd >= 0) ::close(fd);
    fail(ErrorKind::kIo, "cannot write '{}': it is not an ordinary file", path.string());
  }
  if (known && status.st_nlink > 1) {  // a copy made with cp -l: what is added would be in both
    if (fd >= 0) ::close(fd);
    fail(ErrorKind::kIo, "cannot write '{}': it has another name, too (a hard link); replace it by a copy",
         path.string());
  }
  errno = error;
  if (fd < 0) fail_errno("write", path);
  return fd;
}

// Renaming a file to /dev/null would remove the device.
void require_replaceable(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return;
  fail(ErrorKind::kIo, "cannot write '{}': it is {}", path.string(),
       S_ISDIR(status.st_mode) ? "a folder" : "not an ordinary file");
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void write_all(int fd, std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_errno("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

// Locks a new file, so that remove_stale_parts() can tell it from one whose writer has died. False if that
// was about to remove it. A file system without locks does no harm.
bool lock_new(int fd, const std::string& name) {
  struct stat own, named;
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return ::fstat(fd, &own) == 0 && ::stat(name.c_str(), &named) == 0 && same_file(own, named);
}

}  // namespace

FileStamp file_stamp(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) fail_errno("read", path);
  if (!S_ISREG(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is not an ordinary file", path.string());
  return {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

AtomicFile::AtomicFile(const std::filesystem::path& target, Access access) : target_(target) {
  require_replaceable(target);
  static std::atomic<unsigned> count{0};
  const mode_t mode = access == Access::kOwnerOnly ? 0600 : 0666;
  constexpr int kMostTries = 3;  // to lock it
  for (int tries = 0;;) {
    name_ = fmt::format("{}.{}-{}.part", target.string(), ::getpid(), count++);
    note_unfinished(name_.c_str());  // before it exists: a signal may arrive right after
    fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    const int error = errno;
    if (fd_ >= 0 && (lock_new(fd_, name_) || ++tries == kMostTries)) break;
    forget_unfinished(name_.c_str());
    if (fd_ >= 0) ::close(fd_);
    errno = error;
    if (fd_ < 0 && error != EEXIST) fail_errno("write", target_);
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!finished_) ::unlink(name_.c_str());
  forget_unfinished(name_.c_str());
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) { write_all(fd_, bytes, target_); }

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  const bool moved = ::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) >= 0;
  if (moved) write_all(fd_, bytes, target_);
  if (!moved || ::lseek(fd_, 0, SEEK_END) < 0) fail_errno("write", target_);
}

void AtomicFile::finish() {
  const Descriptor locked(::dup(fd_));                       // until it has its name
  const bool closed = ::close(std::exchange(fd_, -1)) == 0;  // a full disk may show only here
  finished_ = closed && ::rename(name_.c_str(), target_.c_str()) == 0;
  if (!finished_) fail_errno("write", target_);
}

GrowingFile::GrowingFile(const std::filesystem::path& path, const std::function<void()>& on_wait)
    : path_(path) {
  // After waiting, the lock may be that of a file that has been renamed since: then start over.
  for (bool notified = false;;) {
    fd_ = open_growing(path);
    bool locked = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EWOULDBLOCK) {
      if (on_wait && !std::exchange(notified, true)) {
        Descriptor closing(fd_);  // should on_wait() throw
        on_wait();
        closing.fd = -1;
      }
      do {
        locked = ::flock(fd_, LOCK_EX) == 0;
      } while (!locked && errno == EINTR);
    }
    struct stat own, named;
    if (!locked || ::fstat(fd_, &own) != 0) {
      const Descriptor closing(fd_);
      fail_errno("lock", path_);
    }
    size_ = static_cast<std::uint64_t>(own.st_size);
    if (::stat(path.c_str(), &named) == 0 && same_file(own, named)) return;
    ::close(fd_);
  }
}

GrowingFile::~GrowingFile() {
  if (fd_ >= 0) ::close(fd_);
}

void GrowingFile::append(std::span<const std::uint8_t> bytes) {
  write_all(fd_, bytes, path_);
  size_ += bytes.size();
}

void GrowingFile::shorten(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail_errno("write", path_);
  size_ = size;
}

void GrowingFile::become(const std::filesystem::path& target) {
  if (::fsync(fd_) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) fail_errno("write", target);
}

void GrowingFile::remove() {
  if (::unlink(path_.c_str()) != 0) fail_errno("remove", path_);
}

void remove_unfinished_files() {
  for (const auto& slot : g_unfinished) {
    if (const char* name = slot.load()) ::unlink(name);
  }
}

int remove_stale_parts(const std::filesystem::path& folder) {
  int removed = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().extension() != ".part") continue;
    const Descriptor file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status;
    const bool ours = file.fd >= 0 && ::fstat(file.fd, &status) == 0 && S_ISREG(status.st_mode);
    if (ours && ::flock(file.fd, LOCK_EX | LOCK_NB) == 0 && ::unlink(entry.path().c_str()) == 0) ++removed;
  }
  return removed;
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
                           Access access) {
  AtomicFile file(path, access);
  file.write(bytes);
  file.finish();
}

void write_file_atomically(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::FILE* open_to_append(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0 && errno == ENXIO)
    fail(ErrorKind::kIo, "cannot write '{}': it is a pipe that nobody reads", path.string());
  if (fd < 0) fail_errno("write", path);
  std::FILE* const file = ::fcntl(fd, F_SETFL, O_APPEND) == 0 ? ::fdopen(fd, "ab") : nullptr;
  if (file == nullptr) {
    const Descriptor closing(fd);
    fail_errno("write", path);
  }
  return file;
}

namespace {

// As many bytes as there are, at most `most`.
std::string read_up_to(int fd, const std::filesystem::path& path, std::size_t most) {
  std::string text(most, '\0');
  std::size_t done = 0;
  while (done < most) {
    const ssize_t n = ::read(fd, text.data() + done, most - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno("read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

std::string read_open_file(int fd, const std::filesystem::path& path, std::size_t limit) {
  const struct stat before = stat_regular(fd, path);
  const auto size = static_cast<std::size_t>(before.st_size);
  if (size > limit)
    fail(ErrorKind::kIo, "'{}' has {} bytes, more than the {} that are allowed here", path.string(), size,
         limit);
  std::string text = read_up_to(fd, path, size);
  if (text.size() < size || !same_content(before, stat_regular(fd, path)))
    fail(ErrorKind::kIo, "'{}' was changed while it was read; try again", path.string());
  return text;
}

}  // namespace

std::string read_start(const std::filesystem::path& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) fail_errno("open", path);
  stat_regular(file.fd, path);
  return read_up_to(file.fd, path, most);
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) fail_errno("open", path);
  return read_open_file(file.fd, path, limit);
}

std::string read_own_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.fd < 0) fail_errno("open", path);
  const struct stat status = stat_regular(file.fd, path);
  if (status.st_uid != ::geteuid() || others_may_write(status))
    fail(ErrorKind::kIo, "'{}' may have been written by another user", path.string());
  return read_open_file(file.fd, path, limit);
}

}  // namespace anomalyvlm
