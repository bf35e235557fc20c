#pragma once
// The images right in a folder, and what beside them is skipped: for all who list images.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

// Names, sorted; hidden ones are left out.
struct ImageFolder {
  std::vector<std::string> images;
  std::vector<std::string> others;   // files that are not read as images, by their names
  std::vector<std::string> folders;  // these are not searched
};
// Throws Error(kIo), also naming a link to nowhere that is called an image.
ImageFolder list_images(const std::filesystem::path& folder);

// Files that file managers leave in folders.
bool is_bookkeeping(std::string_view name);

// "2 files that are not read as images ('b.gif', 'c.txt') and 1 subfolder ('inner')": for notes on what was
// skipped; empty where nothing was.
std::string passed_over(const std::vector<std::string>& files, const std::vector<std::string>& folders);
// To be appended to that sentence: " GIF is not read; convert it to PNG." Empty where no file is an image.
std::string conversion_advice(const std::vector<std::string>& files);

}  // namespace anomalyvlm
