#pragma once
// Text and numbers in the languages of the documents. Names and prompts come from outside: any bytes may be
// in them.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval::report {

// Well-formed UTF-8: what is none, and control characters that HTML and XML do not allow, become U+FFFD.
std::string clean_text(std::string_view text);

std::string html_text(std::string_view text);      // for content and quoted attributes, of SVG too
std::string markdown_text(std::string_view text);  // for a cell of a table: one line, nothing of it is markup
std::string csv_field(std::string_view text);      // as core/printable.h

constexpr const char* kNone = "–";
std::string percent(double share);  // "39.4"
// Decimals for a column of numbers: some four digits of the largest, none where all are whole.
int decimals_for(std::span<const double> values);
std::string number(double value, int decimals);  // "103.0"
std::string short_number(double value);          // "0.06", "0.413": for text, three digits
std::string percent(const MetricValue& share);   // kNone where there is none
bool is_number(const MetricValue& value);        // defined, and finite
// Why a metric is not a number; what claims to be one and is not has a reason too.
std::string reason_of(const MetricValue& value);

std::string data_uri(const char* media_type, std::span<const std::uint8_t> bytes);

// "1 image", "12 images"
std::string counted(std::size_t count, const char* one, const char* many);

}  // namespace anomalyvlm::eval::report
