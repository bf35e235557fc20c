#include "cli/result_schema.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/platform.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

using Json = nlohmann::json;

bool is_box(const Json& value) {
  return value.is_array() && value.size() == 4 &&
         std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_number(); });
}

bool is_mask(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("size") && value.contains("counts") &&
         value["size"].is_array() && value["size"].size() == 2 && value["counts"].is_string();
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type.ends_with(" or null"))
    return value.is_null() || is_of_type(value, type.substr(0, type.size() - 8));
  if (type.starts_with("array of "))
    return value.is_array() && std::all_of(value.begin(), value.end(),
                                           [&](const Json& v) { return is_of_type(v, type.substr(9)); });
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "object") return value.is_object();
  if (type == "box") return is_box(value);
  if (type == "mask") return is_mask(value);
  return false;
}

}  // namespace

ResultSchema::ResultSchema() {
  const std::string text = read_file(source_dir() / "docs/RESULT_FORMAT.md");
  const std::string table = text.substr(text.find("| field | type |"));
  const std::regex row(R"(\n\| `([^`]+)` \| ([a-z ]+?)(, optional)? \|)");
  for (std::sregex_iterator at(table.begin(), table.end(), row), end; at != end; ++at)
    fields_.push_back({(*at)[1], (*at)[2], (*at)[3].matched});
}

const ResultSchema::Field* ResultSchema::find(const std::string& path) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.path == path; });
  return found == fields_.end() ? nullptr : &*found;
}

void ResultSchema::check(const Json& value, const std::string& path, std::vector<std::string>& wrong) const {
  if (value.is_array()) {
    for (const Json& item : value)
      if (item.is_object()) check(item, path + "[]", wrong);
    return;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, member] : value.items()) {
    const Field* field = find(prefix + key);
    if (path == "timings") {
      if (!member.is_number()) wrong.push_back("timings." + key + " is not a number");
    } else if (field == nullptr) {
      wrong.push_back(prefix + key + " is not described");
    } else if (!is_of_type(member, field->type)) {
      wrong.push_back(prefix + key + " is not of the type " + field->type + ": " + member.dump());
    } else if (member.is_structured() && field->type != "mask") {
      check(member, prefix + key, wrong);
    }
  }
  for (const Field& field : fields_) {
    const bool direct =
        field.path.starts_with(prefix) && field.path.find_first_of(".[", prefix.size()) == std::string::npos;
    if (direct && !field.optional && !value.contains(field.path.substr(prefix.size())))
      wrong.push_back(field.path + " is missing");
  }
}

std::vector<std::string> ResultSchema::disagreements(const Json& result) const {
  std::vector<std::string> wrong;
  check(result, "", wrong);
  return wrong;
}

}  // namespace anomalyvlm::test
