# Makes a C++ source that holds files: cmake -D FILES="a;b" -D OUTPUT=embedded.cc -P EmbedFiles.cmake
# As numbers, because compilers limit the length of string literals.
set(source "// Made by cmake/EmbedFiles.cmake.\n#include \"serve/service/embedded.h\"\n\nnamespace anomalyvlm::serve {\nnamespace {\n\n")
set(table)
set(index 0)
foreach(file IN LISTS FILES)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  get_filename_component(name ${file} NAME)
  string(APPEND source "constexpr char kFile${index}[] = {${bytes}'\\0'};\n")
  string(APPEND table "    {\"${name}\", {kFile${index}, sizeof kFile${index} - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND source "\nconstexpr EmbeddedFile kFiles[] = {\n${table}};\n\n}  // namespace\n\n"
  "std::span<const EmbeddedFile> embedded_files() { return kFiles; }\n\n}  // namespace anomalyvlm::serve\n")
file(WRITE ${OUTPUT} "${source}")
