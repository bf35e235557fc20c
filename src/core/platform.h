#pragma once
// The few things that only the operating system knows. Their POSIX form is platform_posix.cc, and nothing
// else in the project calls the operating system directly.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace anomalyvlm {

// CPUs this process may run on (affinity and, on Linux, nothing else).
int available_cpus();

// A file mapped read-only into memory; unmapped with the last owner.
class MappedFile {
 public:
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);  // throws Error(kIo)
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

  // What was read so far of all files that are mapped leaves this process's memory, until it is read again.
  // For after weights were copied.
  static void forget_pages();

 private:
  MappedFile(const std::uint8_t* data, std::size_t size);
  const std::uint8_t* data_;
  std::size_t size_;
};

// Writes a file so that it is either whole or not there: to a name beside it that ends in ".part", then
// renamed. Throws Error(kIo).
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomically(const std::filesystem::path& path, const std::string& text);

// Reads a whole file of at most `limit` bytes. Throws Error(kIo) naming the file and the reason.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 32);

// Below the user's cache folder: $ANOMALYVLM_CACHE, else $XDG_CACHE_HOME/anomalyvlm, else
// ~/.cache/anomalyvlm. Not created.
std::filesystem::path cache_directory();

// For what the user keeps: $XDG_DATA_HOME/anomalyvlm, else ~/.local/share/anomalyvlm. Not created.
std::filesystem::path user_data_directory();

// The folder of the executable or shared library that holds this code, empty if unknown.
std::filesystem::path module_directory();

std::string cpu_name();  // "AMD EPYC 9R14"; empty if unknown
std::vector<std::string>
cpu_features();  // of those that matter here, as Linux names them: "avx2", "avx512_bf16"

// A C function of any library that this process has loaded; nullptr when there is none of that name.
void* find_function(const char* name);

// Whether files can be made in a folder: false where it is read-only.
bool can_write_into(const std::filesystem::path& folder);

// For programs, at their start: closed standard streams are opened to nowhere, whoever interrupts the process
// leaves no half-written file, and writing into a closed pipe is an error instead of the end.
void prepare_process();

std::filesystem::path program_file();  // of this process; empty if unknown
// Runs another program with this one's streams and environment until it ends; gives its exit code (128 and
// the signal's number if one ended it). Throws Error(kIo) when it cannot be started.
int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& arguments);

bool is_terminal(int file_descriptor);
std::size_t peak_memory_bytes();  // highest resident set of this process so far; 0 if unknown
int process_id();

}  // namespace anomalyvlm
