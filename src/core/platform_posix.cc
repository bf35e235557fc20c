#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <mutex>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "core/descriptor.h"
#include "core/files.h"
#include "core/platform.h"

namespace anomalyvlm {

int available_cpus() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {

// All that are there.
struct Mappings {
  std::mutex mutex;
  std::set<std::pair<const std::uint8_t*, std::size_t>> all;
};
Mappings& mappings() {
  static Mappings* const known = new Mappings;  // files may be unmapped at the very end
  return *known;
}

}  // namespace

struct MappedFile::Opened {
  Descriptor descriptor;
  struct stat status;
};

MappedFile::MappedFile(const std::uint8_t* data, std::size_t size, std::unique_ptr<const Opened> file)
    : data_(data), size_(size), file_(std::move(file)) {
  if (data == nullptr) return;
  const std::lock_guard lock(mappings().mutex);
  mappings().all.insert({data, size});
}

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  auto file = std::unique_ptr<Opened>(
      new Opened{Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), {}});
  if (file->descriptor.fd < 0) fail_errno("open", path);
  file->status = stat_regular(file->descriptor.fd, path);
  const auto size = static_cast<std::size_t>(file->status.st_size);
  void* data = nullptr;
  if (size > 0) data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file->descriptor.fd, 0);
  if (data == MAP_FAILED) fail_errno("map", path);
  return std::shared_ptr<const MappedFile>(
      new MappedFile(static_cast<const std::uint8_t*>(data), size, std::move(file)));
}

bool MappedFile::is_unchanged() const {
  struct stat now;
  return ::fstat(file_->descriptor.fd, &now) == 0 && same_content(file_->status, now);
}

MappedFile::~MappedFile() {
  if (data_ == nullptr) return;
  const std::lock_guard lock(mappings().mutex);
  mappings().all.erase({data_, size_});
  ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

void MappedFile::forget_pages() {
  const std::lock_guard lock(mappings().mutex);
  for (const auto& [data, size] : mappings().all)
    ::madvise(const_cast<std::uint8_t*>(data), size, MADV_DONTNEED);
}

std::filesystem::path module_directory() {
  Dl_info info;
  if (::dladdr(reinterpret_cast<const void*>(&module_directory), &info) == 0 || !info.dli_fname) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  if (!error) return path.parent_path();
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path() : executable.parent_path();
}

namespace {

// The first line of /proc/cpuinfo that begins with one of these words, after its colon.
std::string cpu_line(std::initializer_list<std::string_view> words) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    for (const std::string_view word : words) {
      const std::size_t colon = line.find(": ");
      if (line.starts_with(word) && colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return {};
}

}  // namespace

std::string cpu_name() { return cpu_line({"model name", "Model"}); }

std::vector<std::string> cpu_features() {
  static constexpr std::string_view kMatter[] = {
      "sse4_2",   "avx",      "fma",         "avx2",        "f16c",        "avx_vnni", "avx512f",  "avx512bw",
      "avx512vl", "avx512dq", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16",
      "asimd",    "asimddp",  "bf16",        "i8mm",        "sve",         "sve2"};
  std::istringstream words(cpu_line({"flags", "Features"}));
  const std::set<std::string, std::less<>> has(std::istream_iterator<std::string>{words}, {});
  std::vector<std::string> features;
  for (const std::string_view feature : kMatter)
    if (has.contains(feature)) features.emplace_back(feature);
  return features;
}

void* find_function(const char* name) { return ::dlsym(RTLD_DEFAULT, name); }

bool can_allocate(std::size_t bytes) {
  void* const place =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return place != MAP_FAILED && ::munmap(place, bytes) == 0;
}

bool is_terminal(int file_descriptor) { return ::isatty(file_descriptor) == 1; }

namespace {

// A figure that Linux gives of this process in kilobytes, in bytes; 0: it does not.
std::size_t process_figure(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    std::size_t kilobytes = 0;
    if (key == name && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

std::size_t resident_memory_bytes() { return process_figure("VmRSS:"); }

std::size_t peak_memory_bytes() {
  // getrusage() would also count what the parent had when it started this process.
  if (const std::size_t peak = process_figure("VmHWM:")) return peak;
  struct rusage usage;
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::size_t>(usage.ru_maxrss) * 1024 : 0;
}

std::filesystem::path program_file() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

int process_id() { return static_cast<int>(::getpid()); }

}  // namespace anomalyvlm
