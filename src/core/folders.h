#pragma once
// The user's own folders, and whether others can change their contents. Their POSIX form is folders_posix.cc.
#include <filesystem>
#include <string>

struct stat;

namespace anomalyvlm {

// For files that can be regenerated: $ANOMALYVLM_CACHE, else $XDG_CACHE_HOME/anomalyvlm, else
// ~/.cache/anomalyvlm. Not created. Empty: there is none. Of XDG_CACHE_HOME and HOME only absolute paths
// count.
std::filesystem::path cache_directory();

// For files that the user keeps: $XDG_DATA_HOME/anomalyvlm, else ~/.local/share/anomalyvlm. As above.
std::filesystem::path user_data_directory();

// Creates a folder and its missing parents, for this user alone (mode 0700). Throws Error(kIo).
void make_own_folder(const std::filesystem::path& folder);

// Creates a folder and its missing parents. Throws Error(kIo), also if files cannot be created in it.
void make_folder(const std::filesystem::path& folder);

// Why others may be able to add or change files in an existing folder: "it belongs to another user". Empty:
// nobody else can (except the system's administrator).
std::string why_not_private(const std::filesystem::path& folder);

// The same for a file or folder that is only read; `owner`: whose it may be.
enum class Owner { kAnybody, kUserOrRoot };
std::string why_not_trusted(const std::filesystem::path& path, Owner owner);

// Whether the mode lets others than the owner write. A group with the owner's number is the owner's own.
bool others_may_write(const struct stat& status);

// Whether files can be created in a folder: false if it is read-only.
bool can_write_into(const std::filesystem::path& folder);

}  // namespace anomalyvlm
