#include "eval/report/text.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cmath>

#include "core/printable.h"
#include "text/unicode.h"

namespace anomalyvlm::eval::report {

std::string clean_text(std::string_view text) {
  std::u32string points = from_utf8(text);
  for (char32_t& c : points) {
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0);
    if (control || (c & 0xfffe) == 0xfffe) c = 0xfffd;
  }
  return to_utf8(points);
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    if (c == '\n' || c == '\r' || c == '\t') {
      out += ' ';
    } else if (c == '<' || c == '&') {
      out += c == '<' ? "&lt;" : "&amp;";
    } else {
      if (std::string_view("\\`*_[]|~#>!$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string csv_field(std::string_view text) { return anomalyvlm::csv_field(clean_text(text)); }

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

int decimals_for(std::span<const double> values) {
  double largest = 0;
  bool whole = true;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    largest = std::max(largest, std::abs(value));
    whole = whole && value == std::floor(value);
  }
  if (whole) return 0;
  return largest >= 1000 ? 0 : largest >= 100 ? 1 : largest >= 10 ? 2 : largest >= 0.1 ? 3 : 4;
}

std::string number(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string short_number(double value) { return fmt::format("{:.3g}", value); }

bool is_number(const MetricValue& value) { return value.defined() && std::isfinite(value.value); }

std::string percent(const MetricValue& share) { return is_number(share) ? percent(share.value) : kNone; }

std::string reason_of(const MetricValue& value) {
  return value.defined() ? "it was not computed" : value.undefined;
}

std::string data_uri(const char* media_type, std::span<const std::uint8_t> bytes) {
  std::string code((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that OpenSSL adds
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(code.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  code.resize(static_cast<std::size_t>(size));
  return fmt::format("data:{};base64,{}", media_type, code);
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace anomalyvlm::eval::report
