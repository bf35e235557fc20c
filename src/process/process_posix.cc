#include "process/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "core/check.h"
#include "core/descriptor.h"
#include "core/files.h"

namespace anomalyvlm {
namespace {

// Handles reads beyond the new end of a mapped file, or from a failed disk. Calls only what is allowed in a
// signal handler.
void end_after_lost_file(int) {
  constexpr std::string_view kSentence =
      "anomalyvlm: A file was cut short, or its disk failed, while it was in use; start again when it is "
      "whole.\n";
  remove_unfinished_files();
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kSentence.data(), kSentence.size());
  ::_exit(1);
}

void end_by_signal(int signal) {
  remove_unfinished_files();
  ::raise(signal);  // ends the process: the handler is gone by now
}

bool is_limited(int resource) {
  struct rlimit limit;
  return ::getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit) == 0 &&
         limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace

void prepare_process() {
  // A file opened later must not take the place of a closed standard stream, and get its messages.
  int fd = 0;
  while ((fd = ::open("/dev/null", O_RDWR)) >= 0 && fd <= 2) {
  }
  if (fd > 2) ::close(fd);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, as a full disk is
  ::signal(SIGPIPE, SIG_IGN);  // so is a pipe that nobody reads any more
  struct sigaction action = {};
  action.sa_handler = end_by_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before;
    const bool ignored = ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!ignored) ::sigaction(signal, &action, nullptr);
  }
  ::signal(SIGBUS, end_after_lost_file);
}

// OpenBLAS, which OpenCV brings, starts threads when it is loaded, and they try for ever to get memory.
int end_process(int exit_code) {
  if (!is_limited(RLIMIT_AS) && !is_limited(RLIMIT_DATA)) return exit_code;
  std::fflush(nullptr);
  ::_exit(exit_code);
}

namespace {

constexpr int kServerSignals[] = {SIGINT, SIGTERM, SIGHUP};
int signal_pipe[2] = {-1, -1};

// Calls only what is allowed in a signal handler. Blocking the signals in this program's threads would not
// do: libraries start threads of their own when they are loaded, and any thread may get a signal.
void tell_server(int signal) {
  const int error = errno;
  const auto byte = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t written = ::write(signal_pipe[1], &byte, 1);
  errno = error;
}

void set_handler(void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : kServerSignals) ::sigaction(signal, &action, nullptr);
}

}  // namespace

ServerSignals::ServerSignals() {
  AVLM_CHECK(::pipe2(signal_pipe, O_CLOEXEC) == 0);
  set_handler(tell_server, SA_RESTART);
}

void ServerSignals::release() { set_handler(end_by_signal, static_cast<int>(SA_RESETHAND | SA_NODEFER)); }

ServerSignal ServerSignals::next() {
  char signal = 0;
  while (::read(signal_pipe[0], &signal, 1) != 1) {
  }
  return signal == SIGHUP ? ServerSignal::kReload : ServerSignal::kStop;
}

int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> copies{program.string()};
  copies.insert(copies.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  const auto cannot = [&](int error) {
    fail(ErrorKind::kIo, "cannot start '{}': {}", program.string(), std::strerror(error));
  };
  int report[2];  // through which the child says why it could not start; closed once it has
  if (::pipe2(report, O_CLOEXEC) != 0) cannot(errno);
  const Descriptor reader(report[0]);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) {  // only what is safe after a fork
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() == parent) ::execv(argv[0], argv.data());
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(report[1], &error, sizeof error);
    ::_exit(127);
  }
  const int failed = errno;
  ::close(report[1]);
  if (child < 0) cannot(failed);
  int error = 0;
  ssize_t got = 0;
  while ((got = ::read(report[0], &error, sizeof error)) < 0 && errno == EINTR) continue;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  if (got == sizeof error) cannot(error);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace anomalyvlm
