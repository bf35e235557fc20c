#include "serve/service/inspect_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt_reading.h"
#include "core/printable.h"

namespace anomalyvlm::serve {
namespace {

[[noreturn]] void bad_option(const std::string& sentence) { throw HttpError(400, "bad_option", sentence); }

// A number as JSON has it, or as text in a query.
double number_of(const Json& value, const char* name) {
  double number = NAN;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) number = NAN;
  }
  if (!std::isfinite(number)) bad_option(fmt::format("The option {} is not a number.", name));
  return number;
}

double number_from(const Json& value, const char* name, double least, double most) {
  const double number = number_of(value, name);
  if (number < least || number > most)
    bad_option(fmt::format("The option {} is not a number from {} to {}.", name, least, most));
  return number;
}

bool flag_of(const Json& value, const char* name) {
  if (value.is_boolean()) return value.get<bool>();
  if (value == "true") return true;
  if (value != "false") bad_option(fmt::format("The option {} is neither true nor false.", name));
  return false;
}

std::string text_of_option(const Json& value, const char* name) {
  if (!value.is_string()) bad_option(fmt::format("The option {} is not a text.", name));
  return value.get<std::string>();
}

std::vector<ResultFile> files_of(const Json& value, const char* name) {
  try {
    return parse_result_files(text_of_option(value, name));
  } catch (const Error& error) {
    bad_option(error.what());
  }
}

constexpr double kLargestScore = 1e9, kLongestTimeout = 3600;

struct Option {
  const char* name;
  void (*set)(const Json& value, const char* name, InspectOptions& options);
};

constexpr Option kOptions[] = {
    {"prompt", [](const Json& v, const char* n, InspectOptions& o) { o.prompt = text_of_option(v, n); }},
    {"prompt_toml",
     [](const Json& v, const char* n, InspectOptions& o) { o.prompt_toml = text_of_option(v, n); }},
    {"limit", [](const Json& v, const char* n,
                 InspectOptions& o) { o.limit = v.is_null() ? 0 : number_from(v, n, 0, kLargestScore); }},
    {"threshold", [](const Json& v, const char* n,
                     InspectOptions& o) { o.threshold = number_from(v, n, 0, kLargestScore); }},
    {"full_scale", [](const Json& v, const char* n,
                      InspectOptions& o) { o.full_scale = number_from(v, n, 0, kLargestScore); }},
    {"masks", [](const Json& v, const char* n, InspectOptions& o) { o.masks = flag_of(v, n); }},
    {"write", [](const Json& v, const char* n, InspectOptions& o) { o.write = files_of(v, n); }},
    {"references",
     [](const Json& v, const char* n, InspectOptions& o) { o.references = text_of_option(v, n); }},
    {"name",
     [](const Json& v, const char* n, InspectOptions& o) { o.name = safe_name(text_of_option(v, n)); }},
    {"bits", [](const Json& v, const char* n,
                InspectOptions& o) { o.bits = static_cast<int>(number_from(v, n, 8, 16)); }},
    {"timeout", [](const Json& v, const char* n,
                   InspectOptions& o) { o.timeout = number_from(v, n, 0.001, kLongestTimeout); }},
};

void set_option(const std::string& name, const Json& value, InspectOptions& options) {
  for (const Option& option : kOptions)
    if (name == option.name) return option.set(value, option.name, options);
  std::string known;
  for (const Option& option : kOptions) known += (known.empty() ? "" : ", ") + std::string(option.name);
  bad_option(fmt::format("There is no option '{}'; there are {}.", printable(name), known));
}

}  // namespace

void read_options(const Json& values, InspectOptions& options) {
  if (!values.is_object()) bad_option("The options are not a JSON object.");
  for (const auto& [name, value] : values.items()) set_option(name, value, options);
}

void read_options(const std::multimap<std::string, std::string>& query, InspectOptions& options) {
  for (const auto& [name, value] : query) set_option(name, value, options);
}

void check_prompt_size(const std::string& text) {
  if (text.size() > kLongestPrompt)
    throw HttpError(
        422, error_code(ErrorKind::kBadPrompt),
        fmt::format("The prompt has {} bytes; at most {} are read here.", text.size(), kLongestPrompt));
}

HybridPrompt read_sentences(const std::string& text) {
  check_prompt_size(text);
  PromptReading reading = read_prompt_text(text);
  std::optional<PromptProblem> problem = reading.problem;
  for (const PromptSentence& sentence : reading.sentences)
    if (!problem) problem = sentence.problem;
  if (!problem) return std::move(reading.prompt);
  const auto begin = static_cast<std::size_t>(problem->begin), end = static_cast<std::size_t>(problem->end);
  const std::string where =
      end > begin ? fmt::format(" at '{}'", printable(text.substr(begin, end - begin))) : "";
  HttpError error(422, error_code(ErrorKind::kBadPrompt),
                  fmt::format("The prompt was not understood{}: {}", where, problem->message));
  error.place = {problem->begin, problem->end};
  throw error;
}

HybridPrompt read_toml(const std::string& text) {
  check_prompt_size(text);
  return parse_prompt_toml(text, "prompt_toml");
}

HybridPrompt prompt_of(const InspectOptions& options, const HybridPrompt& standard) {
  if (options.prompt && options.prompt_toml)
    bad_option("Give the prompt once: as sentences (prompt) or as TOML (prompt_toml).");
  HybridPrompt prompt = standard;
  if (options.prompt_toml) prompt = read_toml(*options.prompt_toml);
  if (options.prompt) prompt = read_sentences(*options.prompt);
  if (!prompt.limit) prompt.limit = standard.limit;
  if (options.limit) prompt.limit = *options.limit > 0 ? options.limit : std::nullopt;
  validate(prompt);
  return prompt;
}

std::string safe_name(std::string_view given) {
  constexpr std::size_t kLongest = 100;
  given.remove_prefix(std::min(given.find_last_of("/\\") + 1, given.size()));
  std::string name = printable(given.substr(given.size() - std::min(given.size(), kLongest)));
  for (char& c : name)
    if (c == '?' || c == '"' || c == '%') c = '_';
  return name.empty() || name.front() == '.' ? "image" : name;
}

std::string stem_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(0, dot);
}

}  // namespace anomalyvlm::serve
