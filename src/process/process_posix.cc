#include "process/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string_view>

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
  action.sa_handler = [](int signal) {
    remove_unfinished_files();
    ::raise(signal);  // ends the process: the handler is gone by now
  };
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

}  // namespace anomalyvlm
