// libFuzzer target: the bytes as a bank of references, with a seal that fits where they have one at all.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "anomalyvlm/error.h"
#include "references/bank.h"
#include "weights/seal.h"

namespace {

using anomalyvlm::Error;

void require(bool condition) {
  if (!condition) std::abort();
}

void seal(std::vector<std::uint8_t>& bytes) {
  try {
    const auto file = anomalyvlm::parse_weights(bytes, nullptr, "bytes");
    const auto digits = file->metadata().find(anomalyvlm::kSeal);
    if (digits == file->metadata().end()) return;
    const std::string sum = anomalyvlm::seal_of(bytes, digits->second);
    const auto at = std::search(bytes.begin(), bytes.end(), digits->second.begin(), digits->second.end());
    if (!sum.empty() && sum.size() == digits->second.size() && at != bytes.end())
      std::copy(sum.begin(), sum.end(), at);
  } catch (const Error&) {
  }
}

// What was accepted can be used.
void use(const anomalyvlm::Bank& bank) {
  std::vector<anomalyvlm::DescriptorGrid> grids;
  for (const anomalyvlm::BankRows& rows : bank.rows()) {
    anomalyvlm::DescriptorGrid& grid = grids.emplace_back();
    grid.width = 2;
    grid.height = 1;
    grid.size = static_cast<int>(rows.size());
    grid.covered = {0, 0, 2, 1};
    grid.vectors.assign(2 * static_cast<std::size_t>(grid.size), 0.5F);
    grid.places = anomalyvlm::cell_places(grid, grid.covered, 2, 1);
  }
  const std::vector<anomalyvlm::GridComparison> found = bank.compare(grids);
  for (std::size_t g = 0; g < found.size(); ++g)
    require(!bank.place(g, found[g].rows[0]).image.empty() || !bank.images().empty());
  if (bank.images().size() > 1) require(bank.without(0).images().size() + 1 == bank.images().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  seal(bytes);
  try {
    use(*anomalyvlm::parse_bank(bytes, nullptr, "bytes"));
  } catch (const Error& error) {
    require(error.kind() == anomalyvlm::ErrorKind::kBadModel);
  }
  return 0;
}
