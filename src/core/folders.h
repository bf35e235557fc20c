#pragma once
// Folders of a user's own, and whether others can change what lies in them. Their POSIX form is
// folders_posix.cc.
#include <filesystem>
#include <string>

struct stat;

namespace anomalyvlm {

// For what can be made again: $ANOMALYVLM_CACHE, else $XDG_CACHE_HOME/anomalyvlm, else ~/.cache/anomalyvlm.
// Not created. Empty: there is none. Of XDG_CACHE_HOME and HOME only absolute paths count.
std::filesystem::path cache_directory();

// For what the user keeps: $XDG_DATA_HOME/anomalyvlm, else ~/.local/share/anomalyvlm. As above.
std::filesystem::path user_data_directory();

// Makes a folder and those above it that are missing, for this user alone (mode 0700). Throws Error(kIo).
void make_own_folder(const std::filesystem::path& folder);

// Makes a folder and those above it that are missing. Throws Error(kIo), also where files cannot be made in
// it.
void make_folder(const std::filesystem::path& folder);

// Why this user may not be the only one who puts files into an existing folder, and sees to it that they stay
// as they are: "it belongs to another user". Empty: nobody else can (but the system's administrator).
std::string why_not_private(const std::filesystem::path& folder);

// The same for a file or folder from which is read what an owner may change: who?
enum class Owner { kAnybody, kUserOrRoot };
std::string why_not_trusted(const std::filesystem::path& path, Owner owner);

// Whether the mode lets others than the owner write. A group with the owner's number is the owner's own.
bool others_may_write(const struct stat& status);

// Whether files can be made in a folder: false where it is read-only.
bool can_write_into(const std::filesystem::path& folder);

}  // namespace anomalyvlm
