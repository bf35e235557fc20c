#pragma once
// The images right in a folder, and what beside them is passed over: for all who list images.
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

// What file managers leave in folders, of no interest to anybody.
bool is_bookkeeping(std::string_view name);

// "2 files that are not read as images ('b.gif', 'c.txt') and 1 sub-folder ('inner')": for notes on what was
// passed over; empty where nothing was.
std::string passed_over(const std::vector<std::string>& files, const std::vector<std::string>& folders);
// Goes behind the sentence of that: " GIF is not read; convert it to PNG." Empty where no file is an image.
std::string conversion_advice(const std::vector<std::string>& files);

}  // namespace anomalyvlm
