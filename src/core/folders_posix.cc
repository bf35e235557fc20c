#include "core/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/descriptor.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : "";
}

// A relative path would depend on where the program is started, perhaps in somebody else's folder.
fs::path absolute_from_environment(const char* name) {
  fs::path path = from_environment(name);
  return path.is_absolute() ? path : fs::path();
}

// Below the folder that the variable names, or below this place in the user's home.
fs::path user_directory(const char* variable, const char* in_home) {
  if (auto xdg = absolute_from_environment(variable); !xdg.empty()) return xdg / "anomalyvlm";
  if (auto home = absolute_from_environment("HOME"); !home.empty()) return home / in_home / "anomalyvlm";
  return {};
}

bool look_at(const fs::path& path, struct stat& status) { return ::stat(path.c_str(), &status) == 0; }

// Anyone who can write to a parent folder can replace this one. If the sticky bit is set, as in /tmp, only
// its owner can.
std::string open_ancestor(const fs::path& folder) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  for (fs::path above = real.parent_path(); !error; above = above.parent_path()) {
    struct stat status;
    if (look_at(above, status) && (status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
      return fmt::format("everybody can write into '{}'", above.string());
    if (above == above.parent_path()) break;
  }
  return {};
}

}  // namespace

bool others_may_write(const struct stat& status) {
  const bool group = (status.st_mode & S_IWGRP) != 0 && status.st_gid != status.st_uid;
  return group || (status.st_mode & S_IWOTH) != 0;
}

std::string why_not_trusted(const fs::path& path, Owner owner) {
  struct stat status;
  if (!look_at(path, status)) return std::strerror(errno);
  if (owner == Owner::kUserOrRoot && status.st_uid != ::geteuid() && status.st_uid != 0)
    return "it belongs to another user";
  if (others_may_write(status))
    return fmt::format("others than its owner can write to it (mode {:o})", status.st_mode & 07777);
  return open_ancestor(path);
}

std::string why_not_private(const fs::path& folder) {
  struct stat status;
  if (::lstat(folder.c_str(), &status) != 0) return std::strerror(errno);
  if (S_ISLNK(status.st_mode)) return "it is a symbolic link";
  if (status.st_uid != ::geteuid()) return "it belongs to another user";
  if (!S_ISDIR(status.st_mode)) return "it is not a folder";
  return why_not_trusted(folder, Owner::kUserOrRoot);
}

void make_own_folder(const fs::path& folder) {
  std::error_code none;
  if (folder.has_parent_path() && !fs::exists(folder.parent_path(), none))
    make_own_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && !(errno == EEXIST && fs::is_directory(folder, none)))
    fail_errno("make the folder", folder);
}

void make_folder(const fs::path& folder) {
  std::error_code error, ignored;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder, ignored))
    fail(ErrorKind::kIo, "The folder '{}' cannot be made: {}.", folder.string(),
         error ? error.message() : "a file has this name");
  if (!can_write_into(folder)) fail(ErrorKind::kIo, "The folder '{}' is read-only.", folder.string());
}

fs::path cache_directory() {
  if (auto own = from_environment("ANOMALYVLM_CACHE"); !own.empty()) return own;
  return user_directory("XDG_CACHE_HOME", ".cache");
}

fs::path user_data_directory() { return user_directory("XDG_DATA_HOME", ".local/share"); }

bool can_write_into(const fs::path& folder) { return ::access(folder.c_str(), W_OK | X_OK) == 0; }

}  // namespace anomalyvlm
