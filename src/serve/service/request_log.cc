#include "serve/service/request_log.h"

#include <fmt/chrono.h>

#include <array>
#include <chrono>

#include "core/check.h"
#include "core/files.h"

namespace anomalyvlm::serve {
namespace {

constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};

std::string time_with_milliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)), milliseconds % 1000);
}

}  // namespace

Severity parse_severity(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<Severity>(i);
  fail(ErrorKind::kBadInput, "There is no level '{}' of the log; use debug, info, warning or error.", name);
}

std::vector<std::string> severity_names() { return {kNames.begin(), kNames.end()}; }

RequestLog::RequestLog(std::filesystem::path file, Severity least)
    : file_(std::move(file)), least_(least), stream_(file_.empty() ? stderr : open_to_append(file_)) {}

RequestLog::~RequestLog() {
  if (stream_ != stderr) std::fclose(stream_);
}

void RequestLog::write(Severity severity, const Json& fields) {
  if (severity < least_) return;
  Json line = {{"time", time_with_milliseconds()}, {"level", kNames[static_cast<std::size_t>(severity)]}};
  line.update(fields);
  const std::string text = line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  std::fwrite(text.data(), 1, text.size(), stream_);  // a full disk must not stop the inspection
  std::fflush(stream_);
}

void RequestLog::reopen() {
  if (file_.empty()) return;
  std::FILE* const anew = open_to_append(file_);
  const std::lock_guard lock(mutex_);
  std::fclose(stream_);
  stream_ = anew;
}

}  // namespace anomalyvlm::serve
