#include "cli/program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>

#include "core/platform.h"

namespace anomalyvlm::test {
namespace {

using Clock = std::chrono::steady_clock;

std::map<pid_t, Clock::time_point>& started() {
  static std::map<pid_t, Clock::time_point> times;
  return times;
}

void redirect(int stream, const std::filesystem::path& file, int flags) {
  const int fd = ::open(file.c_str(), flags, 0600);
  ::dup2(fd, stream);
  ::close(fd);
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const Surroundings& surroundings) {
  std::istringstream assignments(surroundings.environment);
  for (std::string one; assignments >> one;) {
    const std::size_t equals = one.find('=');
    ::setenv(one.substr(0, equals).c_str(), one.substr(equals + 1).c_str(), 1);
  }
  if (surroundings.prepare) surroundings.prepare();
  std::vector<char*> words = {const_cast<char*>(AVLM_PROGRAM)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(AVLM_PROGRAM, words.data());
  ::_exit(127);
}

Outcome outcome_of(pid_t process) {
  int status = 0;
  struct rusage usage = {};
  ::wait4(process, &status, 0, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  Outcome outcome;
  outcome.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.seconds = std::chrono::duration<double>(Clock::now() - started()[process]).count();
  outcome.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  outcome.peak_megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return outcome;
}

}  // namespace

pid_t start_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                    const Surroundings& surroundings) {
  const auto start = Clock::now();
  const pid_t process = ::fork();
  if (process == 0) {
    redirect(0, "/dev/null", O_RDONLY);
    redirect(1, folder / "out", O_WRONLY | O_CREAT | O_TRUNC);
    redirect(2, folder / "err", O_WRONLY | O_CREAT | O_TRUNC);
    become_program(arguments, surroundings);
  }
  started()[process] = start;
  return process;
}

Outcome finish_program(pid_t process, const std::filesystem::path& folder) {
  Outcome outcome = outcome_of(process);
  outcome.out = read_file(folder / "out");
  outcome.err = read_file(folder / "err");
  return outcome;
}

Outcome run_program(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  const TemporaryFolder folder;
  return finish_program(start_program(arguments, folder.path(), surroundings), folder.path());
}

Outcome run_on_terminal(const std::vector<std::string>& arguments) {
  int terminal = -1;
  const auto start = Clock::now();
  const pid_t process = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (process == 0) become_program(arguments, {});
  started()[process] = start;
  std::string shown;
  char buffer[4096];
  for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;)
    shown.append(buffer, static_cast<std::size_t>(n));
  ::close(terminal);
  Outcome outcome = outcome_of(process);
  outcome.out = std::move(shown);
  return outcome;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace anomalyvlm::test
