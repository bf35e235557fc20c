#pragma once
// The categories of the known data sets, and the choice among them.
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace anomalyvlm::eval {

struct KnownCategory {
  const char* dataset;  // Layout::name
  const char* name;
  const char* group;  // "object" or "texture" where the paper's tables have means of these, else ""
};

std::span<const KnownCategory> known_categories();
bool is_known_category(const std::string& dataset, const std::string& category);
// Its group; "" also for a category that the data set does not have.
std::string group_of(const std::string& dataset, const std::string& category);

// Those of `there` to read: all, or the `wanted` ones. Throws Error(kBadInput) when one of these is not
// there, and when all are asked for and one does not belong to the data set: a copy or a foreign folder would
// change the means.
std::vector<std::string> chosen_categories(const std::string& dataset, const std::filesystem::path& root,
                                           const std::vector<std::string>& there,
                                           const std::vector<std::string>& wanted);

}  // namespace anomalyvlm::eval
