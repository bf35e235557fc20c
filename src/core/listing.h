#pragma once
// Lists folders, and formats untrusted names for messages. Links are followed; nothing here descends into
// subfolders by itself, so a link to a parent folder does no harm.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

// Names, sorted. Hidden ones (".DS_Store", "._000.png") are left out.
struct Listing {
  std::vector<std::string> folders, files;
  std::vector<std::string> neither;  // links to nowhere, pipes, devices
};
Listing list_folder(const std::filesystem::path& folder);  // throws Error(kIo)

bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);
// An absolute path without ".." and links to folders, for comparing. A link to a file is a file of its own.
std::filesystem::path place_of(const std::filesystem::path& path);
bool is_same_place(const std::filesystem::path& a, const std::filesystem::path& b);

// "a/b.tar.png" -> "a/b.tar"
std::string without_extension(const std::string& name);

// For messages: printable(); long texts and long lists are truncated.
std::string in_message(std::string_view text);
std::string in_message(const std::vector<std::string>& names);        // "'a', 'b' and 3 more", "nothing"
std::string entries_in_message(const std::filesystem::path& folder);  // folders first, with '/'

// "1 mask", "3 masks"
std::string counted(std::size_t count, std::string_view thing);

}  // namespace anomalyvlm
