#pragma once
// A bank of reference images: what a describer said of good images, in memory and as a file (.avref).
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "anomalyvlm/references.h"
#include "anomalyvlm/region.h"
#include "kernels/nearest/nearest.h"
#include "references/bank_rows.h"
#include "roles/reference_pool.h"

namespace anomalyvlm {

// How the vectors of a bank were made: only vectors made alike can be compared.
struct BankOrigin {
  std::string describer;      // ImageDescriber::id()
  std::string method, model;  // of the detector
  // How images were shown to the describer, as in DetectorOptions.
  int resize = 0, tile = 0, tile_overlap = 0;
  ReferenceOptions options = {};

  // Of places that are compared, as in NearestQuestion. Those of tiles are their own: none are nearby.
  float reach() const;
};

struct BankImage {
  std::string name;    // of its file
  std::string sha256;  // of its size and pixels
  int width = 0, height = 0;
  Image thumbnail;  // at most kThumbnailSide pixels a side
  // Only this part of it is normal (a false alarm that was marked as such); none: all of it.
  std::optional<Box> part = {};
};
constexpr int kThumbnailSide = 96;

// References::calibrate().
struct BankCalibration {
  std::string detector;  // method, model and profile
  std::string prompt;    // as TOML, without a limit
  std::vector<double> scores;
};

// Immutable, so that threads may share it. A bank read from a large file keeps it mapped: processes share the
// memory.
class Bank : public ReferencePool {
 public:
  Bank(BankOrigin origin, std::vector<BankImage> images, std::vector<BankRows> rows, std::string date,
       BankCalibration calibration = {});

  std::vector<GridComparison> compare(std::span<const DescriptorGrid> grids) const override;
  ReferencePlace place(std::size_t grid, std::int64_t row) const override;

  const BankOrigin& origin() const { return origin_; }
  const std::vector<BankImage>& images() const { return images_; }
  const std::vector<BankRows>& rows() const { return rows_; }
  const RowPool& pool(std::size_t scale) const { return pools_[scale]; }
  const std::string& date() const { return date_; }  // "2026-11-28T21:15:56Z"
  std::size_t bytes() const;

  const BankCalibration& calibration() const { return calibration_; }

  // The bank as if an image had not been in it, and with another calibration.
  Bank without(std::size_t image) const;
  Bank with(BankCalibration calibration) const;

 private:
  GridComparison compare(std::size_t scale, const DescriptorGrid& grid) const;

  BankOrigin origin_;
  std::vector<BankImage> images_;
  std::vector<BankRows> rows_;
  std::string date_;
  BankCalibration calibration_;
  std::vector<RowPool> pools_;                     // of rows_
  std::vector<std::vector<RowPool>> image_pools_;  // of each scale, for each image; only of mutual references
};

// Throw Error: kIo; kBadModel for a file that is no bank, damaged, or of a later version.
void write_bank(const std::filesystem::path& file, const Bank& bank);
std::shared_ptr<const Bank> read_bank(const std::filesystem::path& file);
// The same from the bytes of a file, which `owner` keeps alive. source: what messages call it.
std::shared_ptr<const Bank> parse_bank(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
                                       const std::string& source);
bool is_bank(const std::filesystem::path& file);  // by its header

}  // namespace anomalyvlm
