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
#include "core/tensor.h"
#include "kernels/nearest/nearest.h"
#include "references/coreset.h"
#include "roles/reference_pool.h"

namespace anomalyvlm {

// How the vectors of a bank were made: only vectors made alike can be compared.
struct BankOrigin {
  std::string describer;      // ImageDescriber::id()
  std::string method, model;  // of the detector
  // How images were shown to the describer, as in DetectorOptions.
  int resize = 0, tile = 0, tile_overlap = 0;
  ReferenceOptions options = {};
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
  std::string prompt;  // as TOML, without a limit
  std::vector<double> scores;
};

// What is known of good images' distances to the others of the bank, at one scale.
struct UsualDistances {
  double usual = 0, high = 0;  // see GridComparison
};

// The vectors of one scale.
struct BankRows {
  Tensor vectors;  // [rows, size], bfloat16
  Tensor images;   // [rows] int32, ascending: the index of the image
  Tensor places;   // [rows, 2] float32: the cell's middle, x and y as shares of the image's size
  Tensor alarms;   // [rows] float32, DescriptorGrid::alarms; not defined without
  UsualDistances distances;

  std::int64_t count() const { return vectors.dim(0); }
  std::int64_t size() const { return vectors.dim(1); }
};

// The rows of one image.
BankRows rows_of_image(const BankRows& rows, std::size_t image);

// What a describer said of an image, or of a tile of it.
struct DescribedPart {
  std::vector<DescriptorGrid> grids;
  PixelRect part;  // of the image; the grids' coordinates count from its corner
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

constexpr std::int64_t kMostRows = 20'000;  // of a scale; more are reduced to a coreset of so many

// Adds images to a bank that is being made.
class BankBuilder {
 public:
  // `coreset`: which of the rows stand for all; where its share is 1, all do that kMostRows allows.
  BankBuilder(BankOrigin origin, const CoresetOptions& coreset)
      : origin_(std::move(origin)), coreset_(coreset) {}
  // On top of the rows of a bank, which stay.
  BankBuilder(const Bank& base, const CoresetOptions& coreset);

  // `seen`: of the whole image. Throws Error(kBadInput) for an image that is there already, and for a part
  // that lies outside of its image.
  void add(BankImage image, std::span<const DescribedPart> seen);
  bool holds(const std::string& sha256) const;
  // Measures how far the images are from each other. Throws Error(kBadInput) without any image.
  std::shared_ptr<const Bank> finish();

 private:
  struct Scale {
    std::int64_t size = 0;
    std::vector<std::uint16_t> vectors;
    std::vector<std::int32_t> images;
    std::vector<float> places, alarms;
    std::size_t kept = 0;  // rows at the start that were chosen already

    std::int64_t count() const { return static_cast<std::int64_t>(images.size()); }
  };
  void reduce(Scale& scale, const CoresetOptions& options) const;
  void add_cell(Scale& scale, const DescriptorGrid& grid, std::size_t cell);

  BankOrigin origin_;
  CoresetOptions coreset_;
  std::vector<BankImage> images_;
  std::vector<Scale> scales_;
  BankCalibration calibration_;  // of the bank it is built on: with more references good scores only fall
};

// As an image of a bank is identified: by its size and pixels.
std::string fingerprint(const Image& image);
Image thumbnail_of(const Image& image);

// Throw Error: kIo; kBadModel for a file that is no bank, damaged, or of a later version.
void write_bank(const std::filesystem::path& file, const Bank& bank);
std::shared_ptr<const Bank> read_bank(const std::filesystem::path& file);
// The same from the bytes of a file, which `owner` keeps alive. source: what messages call it.
std::shared_ptr<const Bank> parse_bank(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
                                       const std::string& source);
bool is_bank(const std::filesystem::path& file);  // by its header

}  // namespace anomalyvlm
