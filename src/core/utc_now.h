#pragma once
#include <ctime>
#include <string>

#include <fmt/chrono.h>

namespace anomalyvlm {

// "2026-11-28T21:15:56Z"
inline std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace anomalyvlm
