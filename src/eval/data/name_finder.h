#pragma once
// Files by names that another program wrote down: macOS decomposes accents and Windows ignores case, so the
// same name may be written in several ways.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace anomalyvlm::eval {

class NameFinder {
 public:
  explicit NameFinder(std::filesystem::path root) : root_(std::move(root)) {}

  // A file below the root by its relative name with '/': as it is written, else the only one that differs
  // from it in case or in how accents are composed. Gives its name as it is on the disk. Throws
  // Error(kBadInput) that begins with `where` when several differ in no more than that.
  std::optional<std::string> find(const std::string& name, const std::string& where);
  // The same for one that has to be there: Error(kBadInput) otherwise.
  std::string existing(const std::string& name, const std::string& where);

  std::size_t respelt() const { return respelt_; }  // how many were found under another spelling
  // A sentence for the data set's notes; empty where all names are as they are written.
  std::string note(const std::string& list) const;

 private:
  using Entries = std::map<std::string, std::vector<std::string>>;  // real names by folded_text()
  const Entries& entries_of(const std::string& folder);

  std::filesystem::path root_;
  std::map<std::string, Entries> folders_;  // by their names below the root
  std::size_t respelt_ = 0;
};

}  // namespace anomalyvlm::eval
