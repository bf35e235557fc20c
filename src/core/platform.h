#pragma once
// What depends on the operating system. The POSIX version is platform_posix.cc; nothing but
// *_posix.cc files calls the operating system directly.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/folders.h"

namespace anomalyvlm {

// CPUs this process may run on (affinity and, on Linux, nothing else).
int available_cpus();

// A file mapped read-only into memory; unmapped with the last owner. Its bytes change when somebody writes to
// the file; if the file is truncated, reading beyond its new end raises SIGBUS.
class MappedFile {
 public:
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);  // throws Error(kIo)
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::uint8_t> bytes() const { return {data_, size_}; }
  bool is_unchanged() const;  // nobody wrote to the file since it was opened

  // Drops the pages of all mapped files from this process's memory until they are read again. Called after
  // weights were copied.
  static void forget_pages();

 private:
  struct Opened;  // the file, and its status when it was opened
  MappedFile(const std::uint8_t* data, std::size_t size, std::unique_ptr<const Opened> file);
  const std::uint8_t* data_;
  std::size_t size_;
  std::unique_ptr<const Opened> file_;
};

// The folder of the executable or shared library that holds this code, empty if unknown.
std::filesystem::path module_directory();

std::string cpu_name();  // "AMD EPYC 9R14"; empty if unknown
std::vector<std::string>
cpu_features();  // of those that matter here, as Linux names them: "avx2", "avx512_bf16"

// A C function of any library that this process has loaded; nullptr when there is none of that name.
void* find_function(const char* name);

// Whether this much more memory can be allocated: false if a limit of the process (ulimit -v) forbids it.
bool can_allocate(std::size_t bytes);

std::filesystem::path program_file();  // of this process; empty if unknown
bool is_terminal(int file_descriptor);
std::size_t peak_memory_bytes();      // highest resident set of this process so far; 0 if unknown
std::size_t resident_memory_bytes();  // the resident set now; 0 if unknown
int process_id();

}  // namespace anomalyvlm
