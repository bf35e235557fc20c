#pragma once
// The set-up of a program's process: signals, standard streams, exit; other programs that it runs. A library
// leaves these to the program that uses it, so only programs link this.
#include <filesystem>
#include <string>
#include <vector>

namespace anomalyvlm {

// Called at the start: closed standard streams are opened to /dev/null, an interrupted process leaves no
// half-written file, writing to a closed pipe is an error rather than fatal, and a mapped file that is
// truncated while it is read ends the process with a message.
void prepare_process();
// Called at the end: returns the exit code for main(). If the process's memory is limited, it exits here,
// since the threads of libraries that wait for memory would never finish.
int end_process(int exit_code);

// What a server is told by signals: SIGTERM or SIGINT to stop, SIGHUP to read its files anew.
enum class ServerSignal { kStop, kReload };

// From its making on these signals do nothing but wait for next(). One in a process.
class ServerSignals {
 public:
  ServerSignals();
  ServerSignal next();  // waits for one; for one thread
  void release();       // from then on they end the process as usual
};

// Runs another program with this one's streams and environment until it ends; gives its exit code (128 and
// the signal's number if one ended it). It is ended (SIGTERM) when this process ends before it. Throws
// Error(kIo) when it cannot be started.
int run_and_wait(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace anomalyvlm
