#pragma once
// Files that are a part of the program: the page, and the description of the interface.
// cmake/EmbedFiles.cmake makes them.
#include <span>
#include <string_view>

namespace anomalyvlm::serve {

struct EmbeddedFile {
  std::string_view name;  // "main.js", without folders
  std::string_view bytes;
};
std::span<const EmbeddedFile> embedded_files();
const EmbeddedFile* find_embedded(std::string_view name);  // nullptr: there is none

}  // namespace anomalyvlm::serve
