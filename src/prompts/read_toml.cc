#include <toml++/toml.h>

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "core/platform.h"
#include "prompts/grammar.h"
#include "prompts/quantities.h"
#include "prompts/toml_bounds.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

// Reads one file; every message names it and the line.
class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  HybridPrompt read(std::string_view text) {
    const toml::table table = parse(decoded_text(text));
    for (const auto& [key, value] : table) top_level(key.str(), value);
    HybridPrompt spoken;
    spoken.object = prompt_.object;  // so that sentences may call it by its name
    if (const toml::node* standard = table.get("standard")) sentences(*standard, spoken);
    HybridPrompt prompt = merge(spoken, prompt_);
    located("", [&] { prompts::check_values(prompt); });
    return prompt;
  }

 private:
  toml::table parse(std::string_view text) const {
    const std::string beyond = prompts::beyond_bounds(text);
    if (!beyond.empty()) anomalyvlm::fail(ErrorKind::kBadPrompt, "{}, {}.", file_, beyond);
    try {
      return toml::parse(text, file_);
    } catch (const toml::parse_error& error) {
      anomalyvlm::fail(ErrorKind::kBadPrompt, "{}, line {}: this is not TOML: {}", file_,
                       error.source().begin.line, error.description());
    }
  }

  [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
    anomalyvlm::fail(ErrorKind::kBadPrompt, "{}, line {}: {}", file_, node.source().begin.line, message);
  }

  // Puts the file and the line in front of what a parser of sentences says.
  template <typename Body>
  void located(const std::string& where, const Body& body) const {
    try {
      body();
    } catch (const Error& error) {
      throw Error(error.kind(), file_ + where + ": " + error.what());
    }
  }
  template <typename Body>
  void located(const toml::node& node, std::string_view key, const Body& body) const {
    located(fmt::format(", line {}, {}", node.source().begin.line, key), body);
  }

  void top_level(std::string_view key, const toml::node& node) {
    if (key == "phrases") {
      prompt_.phrases = phrases(node);
    } else if (key == "max_regions") {
      prompt_.max_regions = integer(node, key);
    } else if (key == "object") {
      located(node, key, [&] { prompt_.object = prompts::normalised_phrase(string(node, key)); });
    } else if (key == "object_count") {
      prompt_.object_count = integer(node, key);
    } else if (key == "pixel_size_mm") {
      prompt_.pixel_size_mm = number(node, "pixel_size_mm must be a number, such as 0.05");
    } else if (key == "rule") {
      for (const toml::table* entry : tables(node, "rules", key)) rule_table(*entry);
    } else if (key == "kind_limit") {
      for (const toml::table* entry : tables(node, "limits of kinds", key)) kind_limit(*entry);
    } else if (key == "only_named") {
      if (!node.is_boolean()) fail(node, "only_named must be true or false");
      prompt_.only_named = *node.value<bool>();
    } else if (key == "limit") {
      prompt_.limit = number(node, "limit must be a number, such as 0.5");
    } else if (key != "standard") {
      fail(node,
           fmt::format(
               "unknown key \"{}\"; known are phrases, standard, max_regions, only_named, limit, object, "
               "object_count, pixel_size_mm, [[rule]] and [[kind_limit]]",
               key));
    }
  }

  double number(const toml::node& node, const char* message) const {
    const auto value = node.value<double>();
    if (!value || !node.is_number()) fail(node, message);
    return *value;
  }

  void sentences(const toml::node& node, HybridPrompt& spoken) const {
    for (const std::string& text : strings(node, "standard"))
      located(node, "standard", [&] { prompts::parse_sentences(text, spoken); });
  }

  std::string string(const toml::node& node, std::string_view key) const {
    if (!node.is_string()) fail(node, fmt::format("{} must be a text in quotation marks", key));
    return *node.value<std::string>();
  }
  std::vector<std::string> strings(const toml::node& node, std::string_view key) const {
    std::vector<std::string> texts;
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& entry : *array) texts.push_back(string(entry, key));
    } else {
      texts.push_back(string(node, key));
    }
    return texts;
  }
  int integer(const toml::node& node, std::string_view key) const {
    const auto value = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
    if (!value || *value > std::numeric_limits<int>::max() || *value < std::numeric_limits<int>::min()) {
      fail(node, fmt::format("{} must be a whole number", key));
    }
    return static_cast<int>(*value);
  }

  // A list names phrases as they stand; a single text is read like a sentence: "cracks, holes and cuts".
  std::vector<std::string> phrases(const toml::node& node) const {
    std::vector<std::string> names;
    if (node.is_array()) {
      for (const std::string& text : strings(node, "phrases")) {
        located(node, "phrases", [&] { names.push_back(prompts::normalised_phrase(text)); });
        if (names.back().empty()) fail(node, "one of the phrases is empty");
      }
      return names;
    }
    const std::string text = string(node, "phrases");
    located(node, "phrases", [&] {
      for (const auto& sentence : prompts::split_sentences(text)) {
        prompts::Cursor at(sentence);
        for (std::string& name : prompts::parse_phrase_list(at, prompts::never))
          names.push_back(std::move(name));
        at.expect_end();
      }
    });
    return names;
  }

  std::vector<const toml::table*> tables(const toml::node& node, const char* what,
                                         std::string_view key) const {
    const toml::array* array = node.as_array();
    if (array == nullptr ||
        !std::all_of(array->begin(), array->end(), [](const toml::node& n) { return n.is_table(); })) {
      fail(node, fmt::format("{} are written as tables below [[{}]]", what, key));
    }
    std::vector<const toml::table*> found;
    for (const toml::node& entry : *array) found.push_back(entry.as_table());
    return found;
  }

  void kind_limit(const toml::table& table) {
    KindLimit limit;
    std::optional<int> count;
    for (const auto& [key, value] : table) {
      if (key.str() == "phrases") {
        limit.phrases = phrases(value);
      } else if (key.str() == "max_regions") {
        count = integer(value, key.str());
      } else {
        fail(value, fmt::format("unknown key \"{}\" of a limit of kinds; known are phrases and max_regions",
                                key.str()));
      }
    }
    if (limit.phrases.empty() || !count)
      fail(table, "a limit of kinds needs both: phrases = [\"scratches\"] and max_regions = 2");
    limit.max_regions = *count;
    prompt_.kind_limits.push_back(std::move(limit));
  }

  // `true` is a criterion of its own; rules of the same number are parts of one.
  int criterion(const toml::node& node) {
    if (node.is_boolean()) return *node.value<bool>() ? ++own_criteria_ : 0;
    constexpr int kMost = 1000;
    const int number = node.is_integer() ? integer(node, "criterion") : 0;
    if (number < 1 || number > kMost)
      fail(node, "criterion must be true or false, or a number from 1 to 1000 that its parts have in common");
    return number;
  }

  void rule_table(const toml::table& table) {
    std::vector<std::string> names;
    int number = 0;
    std::vector<std::pair<toml::source_position, Rule>> found;
    for (const auto& [key, value] : table) {
      if (key.str() == "phrases") {
        names = phrases(value);
        continue;
      }
      if (key.str() == "criterion") {
        number = criterion(value);
        continue;
      }
      for (Rule& rule : rule_value(key.str(), value)) found.emplace_back(key.source().begin, std::move(rule));
    }
    if (found.empty()) fail(table, "this rule has no bound, such as area = \"< 5% of the object\"");
    // A table gives its keys in the order of the alphabet; people read from top to bottom.
    const auto before = [](const auto& a, const auto& b) {
      return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
    };
    std::stable_sort(found.begin(), found.end(), before);
    for (auto& [position, rule] : found) {
      rule.phrases = names;
      rule.criterion = number;
      prompt_.rules.push_back(std::move(rule));
    }
  }

  std::vector<Rule> rule_value(std::string_view key, const toml::node& node) const {
    const std::string text = value_text(key, node);
    std::vector<Rule> rules;
    located(node, key, [&] {
      const auto sentence = prompts::single_sentence(text);
      prompts::Cursor at(sentence);
      if (key == "darker" || key == "brighter") {
        rules = prompts::parse_brightness_value(at, key == "darker");
      } else if (key == "inside" || key == "outside") {
        rules = {
            prompts::parse_place_value(at, key == "inside" ? Comparison::kInside : Comparison::kOutside)};
      } else {
        rules = prompts::parse_bound_value(at, quantity(key, node), std::nullopt);
      }
      at.expect_end();
    });
    for (Rule& rule : rules)
      rule.text = fmt::format("{}, line {}: {} = {}", file_, node.source().begin.line, key, text);
    return rules;
  }

  std::string value_text(std::string_view key, const toml::node& node) const {
    if (key != "darker" && key != "brighter" && key != "inside" && key != "outside") quantity(key, node);
    if (!node.is_string())
      fail(node, fmt::format("{} must be a text in quotation marks, such as \"< 5%\"", key));
    return *node.value<std::string>();
  }

  Quantity quantity(std::string_view key, const toml::node& node) const {
    std::string known;
    for (const prompts::QuantityInfo& row : prompts::all_quantities()) {
      if (row.quantity == Quantity::kLocation) continue;
      if (row.key == key) return row.quantity;
      known += std::string(row.key) + ", ";
    }
    fail(node, fmt::format("unknown key \"{}\" of a rule; known are {}darker, brighter, inside, outside, "
                           "criterion and phrases",
                           key, known));
  }

  std::string file_;
  HybridPrompt prompt_;
  int own_criteria_ = 1000;  // numbers that a file gives lie below
};

}  // namespace

HybridPrompt parse_prompt_toml(std::string_view text, std::string_view file_name) {
  return Reader(file_name).read(text);
}

HybridPrompt load_prompt(const std::filesystem::path& path) {
  const std::string text = read_file(path, prompts::kLongestToml);
  if (lower_text(path.extension().string()) == ".toml") return parse_prompt_toml(text, path.string());
  try {
    return parse_prompt_text(text);
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  }
}

}  // namespace anomalyvlm
