#pragma once
// Numbers as text in libraries that follow the program's locale, where "0.5" may be "0,5".
#include <memory>

namespace anomalyvlm {

// While it lives, C functions that this thread calls print and read as in the "C" locale. The process's
// locale and other threads are not touched.
class ThreadInCLocale {
 public:
  ThreadInCLocale();
  ~ThreadInCLocale();
  ThreadInCLocale(const ThreadInCLocale&) = delete;
  ThreadInCLocale& operator=(const ThreadInCLocale&) = delete;

 private:
  struct Locales;
  std::unique_ptr<const Locales> locales_;
};

// Whether C++ streams made now print and read numbers as the "C" locale does: "1234.5". They do not if
// std::locale::global() was given another locale; that is a setting of the whole process, which a library
// must not change.
bool streams_follow_c_locale();

}  // namespace anomalyvlm
