#pragma once
// What a program does with its process: signals, standard streams, the end. A library leaves these to the
// program that uses it, so only programs link this.

namespace anomalyvlm {

// At the start: closed standard streams are opened to nowhere, whoever interrupts the process leaves no
// half-written file, writing into a closed pipe is an error instead of the end, and a mapped file that is cut
// short while it is read ends the process with a sentence.
void prepare_process();
// At the end: the exit code for main() to return. Where the process's memory is limited, it ends here:
// libraries' threads that wait for memory would be waited for in vain.
int end_process(int exit_code);

}  // namespace anomalyvlm
