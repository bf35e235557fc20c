#include "subprocess.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "anomalyvlm/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define AVLM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AVLM_SANITIZED 1
#endif
#endif

namespace anomalyvlm::test {
namespace {

double peak_megabytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024.0;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// In the child: writes the memory used and the text, and ends the process.
[[noreturn]] void report(int to, const std::function<void()>& call) {
  char text[401] = "(fine)";
  const double before = peak_megabytes();
  try {
    call();
  } catch (const Error& error) {
    std::snprintf(text, sizeof text, "%s", error.what());
  } catch (...) {
    std::snprintf(text, sizeof text, "another exception");
  }
  const double used = peak_megabytes() - before;
  const bool sent = write(to, &used, sizeof used) > 0 && write(to, text, std::strlen(text)) > 0;
  _exit(sent ? 0 : 1);
}

}  // namespace

Outcome run_in_subprocess(const std::function<void()>& call) {
  int ends[2];
  if (pipe(ends) != 0) return {"no pipe"};
  const pid_t child = fork();
  if (child == 0) report(ends[1], call);
  close(ends[1]);
  Outcome outcome;
  char text[401] = "";
  if (read(ends[0], &outcome.megabytes, sizeof(double)) == sizeof(double))
    outcome.text.assign(text, static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], text, 400), 0)));
  close(ends[0]);
  int status = 0;
  rusage usage;
  wait4(child, &status, 0, &usage);
  outcome.seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  if (status != 0) outcome.text = "died with status " + std::to_string(status);
#ifdef AVLM_SANITIZED
  outcome.megabytes = 0;
#endif
  return outcome;
}

}  // namespace anomalyvlm::test
