#pragma once
// Makes a bank, image by image.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "references/bank.h"
#include "references/coreset.h"

namespace anomalyvlm {

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
    void keep(std::size_t begin, const std::vector<std::int64_t>& rows);
  };
  void reduce(Scale& scale, const CoresetOptions& options) const;
  static std::vector<std::int64_t> coreset_of(const Scale& scale, const std::vector<std::int64_t>& rows,
                                              CoresetOptions options);
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

}  // namespace anomalyvlm
