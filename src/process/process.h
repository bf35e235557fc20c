#pragma once
// The set-up of a program's process: signals, standard streams, exit. A library leaves these to the program
// that uses it, so only programs link this.

namespace anomalyvlm {

// Called at the start: closed standard streams are opened to /dev/null, an interrupted process leaves no
// half-written file, writing to a closed pipe is an error rather than fatal, and a mapped file that is
// truncated while it is read ends the process with a message.
void prepare_process();
// Called at the end: returns the exit code for main(). If the process's memory is limited, it exits here,
// since the threads of libraries that wait for memory would never finish.
int end_process(int exit_code);

}  // namespace anomalyvlm
