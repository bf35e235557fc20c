#pragma once
// For the *_posix.cc files only: file descriptors, and the messages for failed system calls.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/check.h"

namespace anomalyvlm {

// A file descriptor that closes itself.
struct Descriptor {
  int fd;
  explicit Descriptor(int f) : fd(f) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

[[noreturn]] inline void fail_errno(const char* doing, const std::filesystem::path& path) {
  const int error = errno;
  fail(ErrorKind::kIo, "cannot {} '{}': {}", doing, path.string(), std::strerror(error));
}

inline struct stat stat_regular(int fd, const std::filesystem::path& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) fail_errno("read", path);
  if (S_ISDIR(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is a folder, not a file", path.string());
  if (!S_ISREG(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is not an ordinary file", path.string());
  return status;
}

// Whether a file had the same content both times: nobody wrote to it or truncated it in between.
inline bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

inline bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

}  // namespace anomalyvlm
