// Linked into programs that are built with AddressSanitizer. OpenVINO's threads library opens a part of
// itself with RTLD_DEEPBIND, at which the sanitizer ends the program; without that flag it works as well.
#define _GNU_SOURCE
#include <dlfcn.h>

void* dlopen(const char* file, int mode) {
  void* (*next)(const char*, int) = (void* (*)(const char*, int))dlsym(RTLD_NEXT, "dlopen");
  return next(file, mode & ~RTLD_DEEPBIND);
}

// What its threads hold is not freed if the program ends while they start.
const char* __lsan_default_suppressions(void);
const char* __lsan_default_suppressions(void) { return "leak:libtbb\nleak:libhwloc\n"; }
const char* __lsan_default_options(void);
const char* __lsan_default_options(void) { return "print_suppressions=0"; }

// OpenVINO and its threads library are not instrumented: how they order what they do is invisible, so what
// happens below them is left out.
const char* __tsan_default_options(void);
const char* __tsan_default_options(void) {
  return "ignore_noninstrumented_modules=1:halt_on_error=1:exitcode=66";
}
const char* __tsan_default_suppressions(void);
const char* __tsan_default_suppressions(void) {
  return "race:libopenvino\nrace:libtbb\nthread:libtbb\nmutex:libtbb\n";
}
