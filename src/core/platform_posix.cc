#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "core/check.h"
#include "core/files.h"
#include "core/platform.h"

namespace anomalyvlm {
namespace {

// A file descriptor that closes itself.
struct Descriptor {
  int fd;
  explicit Descriptor(int f) : fd(f) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

[[noreturn]] void fail_errno(const char* doing, const std::filesystem::path& path) {
  const int error = errno;
  fail(ErrorKind::kIo, "cannot {} '{}': {}", doing, path.string(), std::strerror(error));
}

struct stat stat_regular(int fd, const std::filesystem::path& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) fail_errno("read", path);
  if (S_ISDIR(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is a folder, not a file", path.string());
  if (!S_ISREG(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is not an ordinary file", path.string());
  return status;
}

// Opens a file that grows. Never waits, as opening a pipe would, and follows no link.
int open_growing(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  const int error = errno;
  struct stat status;
  const bool known = fd >= 0 ? ::fstat(fd, &status) == 0 : ::lstat(path.c_str(), &status) == 0;
  if (known && !S_ISREG(status.st_mode)) {
    if (fd >= 0) ::close(fd);
    fail(ErrorKind::kIo, "cannot write '{}': it is not an ordinary file", path.string());
  }
  errno = error;
  if (fd < 0) fail_errno("write", path);
  return fd;
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp file_stamp(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) fail_errno("read", path);
  if (!S_ISREG(status.st_mode))
    fail(ErrorKind::kIo, "cannot read '{}': it is not an ordinary file", path.string());
  return {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

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

MappedFile::MappedFile(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {
  if (data == nullptr) return;
  const std::lock_guard lock(mappings().mutex);
  mappings().all.insert({data, size});
}

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) fail_errno("open", path);
  const struct stat status = stat_regular(file.fd, path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(nullptr, 0));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) fail_errno("map", path);
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const std::uint8_t*>(data), size));
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

namespace {

// Names of files that are being written, for who interrupts the process.
std::array<std::atomic<const char*>, 16> g_unfinished;

void write_all(int fd, std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_errno("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& target) : target_(target) {
  static std::atomic<unsigned> count{0};
  do {
    name_ = fmt::format("{}.{}-{}.part", target.string(), ::getpid(), count++);
    fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) fail_errno("write", target_);
  const char* none = nullptr;
  for (auto& slot : g_unfinished) {
    if (slot.compare_exchange_strong(none, name_.c_str())) break;
    none = nullptr;
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!finished_) ::unlink(name_.c_str());
  for (auto& slot : g_unfinished) {
    const char* own = name_.c_str();
    if (slot.compare_exchange_strong(own, nullptr)) break;
  }
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) { write_all(fd_, bytes, target_); }

void AtomicFile::overwrite(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  const bool moved = ::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) >= 0;
  if (moved) write_all(fd_, bytes, target_);
  if (!moved || ::lseek(fd_, 0, SEEK_END) < 0) fail_errno("write", target_);
}

void AtomicFile::finish() {
  const bool closed = ::close(std::exchange(fd_, -1)) == 0;  // a full disk may show only here
  finished_ = closed && ::rename(name_.c_str(), target_.c_str()) == 0;
  if (!finished_) fail_errno("write", target_);
}

GrowingFile::GrowingFile(const std::filesystem::path& path, const std::function<void()>& on_wait)
    : path_(path) {
  // Who waited for the lock may have got that of a file which has another name by now: then it begins anew.
  for (bool told = false;;) {
    fd_ = open_growing(path);
    bool locked = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EWOULDBLOCK) {
      if (on_wait && !std::exchange(told, true)) {
        Descriptor closing(fd_);  // should on_wait() throw
        on_wait();
        closing.fd = -1;
      }
      do {
        locked = ::flock(fd_, LOCK_EX) == 0;
      } while (!locked && errno == EINTR);
    }
    struct stat own, named;
    if (!locked || ::fstat(fd_, &own) != 0) {
      const Descriptor closing(fd_);
      fail_errno("lock", path_);
    }
    size_ = static_cast<std::uint64_t>(own.st_size);
    if (::stat(path.c_str(), &named) == 0 && named.st_ino == own.st_ino && named.st_dev == own.st_dev) return;
    ::close(fd_);
  }
}

GrowingFile::~GrowingFile() {
  if (fd_ >= 0) ::close(fd_);
}

void GrowingFile::append(std::span<const std::uint8_t> bytes) {
  write_all(fd_, bytes, path_);
  size_ += bytes.size();
}

void GrowingFile::shorten(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail_errno("write", path_);
  size_ = size;
}

void GrowingFile::become(const std::filesystem::path& target) {
  if (::fsync(fd_) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) fail_errno("write", target);
}

void GrowingFile::remove() {
  if (::unlink(path_.c_str()) != 0) fail_errno("remove", path_);
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.finish();
}

void write_file_atomically(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) fail_errno("open", path);
  const auto size = static_cast<std::size_t>(stat_regular(file.fd, path).st_size);
  if (size > limit)
    fail(ErrorKind::kIo, "'{}' has {} bytes, more than the {} that are allowed here", path.string(), size,
         limit);
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(file.fd, text.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno("read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

namespace {

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : "";
}

// Below the folder that the variable names, or below this place in the user's home.
std::filesystem::path user_directory(const char* variable, const char* in_home) {
  if (auto xdg = from_environment(variable); !xdg.empty()) return xdg / "anomalyvlm";
  if (auto home = from_environment("HOME"); !home.empty()) return home / in_home / "anomalyvlm";
  return std::filesystem::temp_directory_path() / ("anomalyvlm-" + std::to_string(::getuid()));
}

}  // namespace

std::filesystem::path cache_directory() {
  if (auto own = from_environment("ANOMALYVLM_CACHE"); !own.empty()) return own;
  return user_directory("XDG_CACHE_HOME", ".cache");
}

std::filesystem::path user_data_directory() { return user_directory("XDG_DATA_HOME", ".local/share"); }

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

bool can_write_into(const std::filesystem::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

void prepare_process() {
  // A file opened later must not take the place of a closed standard stream, and get its messages.
  int fd = 0;
  while ((fd = ::open("/dev/null", O_RDWR)) >= 0 && fd <= 2) {
  }
  if (fd > 2) ::close(fd);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, as a full disk is
  ::signal(SIGPIPE, SIG_IGN);  // so is a pipe that nobody reads any more
  struct sigaction action = {};
  action.sa_handler = [](int signal) {
    for (const auto& slot : g_unfinished) {
      if (const char* name = slot.load()) ::unlink(name);
    }
    ::raise(signal);  // ends the process: the handler is gone by now
  };
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before;
    const bool ignored = ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!ignored) ::sigaction(signal, &action, nullptr);
  }
}

bool is_terminal(int file_descriptor) { return ::isatty(file_descriptor) == 1; }

std::size_t peak_memory_bytes() {
  struct rusage usage;
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::size_t>(usage.ru_maxrss) * 1024 : 0;
}

std::filesystem::path program_file() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> copies{program.string()};
  copies.insert(copies.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, argv[0], nullptr, nullptr, argv.data(), environ);
  if (error != 0) fail(ErrorKind::kIo, "cannot start '{}': {}", program.string(), std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_id() { return static_cast<int>(::getpid()); }

}  // namespace anomalyvlm
