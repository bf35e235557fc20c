#pragma once
// Checks a result's JSON against the table of docs/RESULT_FORMAT.md itself.
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace anomalyvlm::test {

class ResultSchema {
 public:
  ResultSchema();  // reads the document

  // What does not agree: fields that are not described, missing, or of another type. Empty: all is well.
  std::vector<std::string> disagreements(const nlohmann::json& result) const;
  std::size_t size() const { return fields_.size(); }

 private:
  struct Field {
    std::string path, type;  // "candidates[].box", "box"
    bool optional;
  };
  const Field* find(const std::string& path) const;
  void check(const nlohmann::json& value, const std::string& path, std::vector<std::string>& wrong) const;

  std::vector<Field> fields_;
};

}  // namespace anomalyvlm::test
