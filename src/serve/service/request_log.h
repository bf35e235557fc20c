#pragma once
// The server's log: a JSON object a line.
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "serve/service/json.h"

namespace anomalyvlm::serve {

enum class Severity { kDebug, kInfo, kWarning, kError };
Severity parse_severity(
    std::string_view name);  // "debug", "info", "warning", "error"; throws Error(kBadInput)
std::vector<std::string> severity_names();

class RequestLog {
 public:
  // `file`: appended to; empty: standard error. Lines below `least` are left out. Throws Error(kIo).
  RequestLog(std::filesystem::path file, Severity least);
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // {"time": ..., "level": ..., then `fields`}. Whatever they hold stays one line of printable ASCII.
  void write(Severity severity, const Json& fields);
  // Opens the file of this name anew, after another program has renamed the one that was written to. Throws
  // Error(kIo).
  void reopen();

 private:
  const std::filesystem::path file_;
  const Severity least_;
  std::mutex mutex_;
  std::FILE* stream_;
};

}  // namespace anomalyvlm::serve
