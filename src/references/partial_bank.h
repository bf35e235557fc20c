#pragma once
// What is done of a bank that is being built, so that a build that was ended goes on. A folder beside the
// bank, called as it is with ".partial" added:
//   build.json          how images are described
//   0.safetensors, ...  what was described of an image
//   start.avref         a bank of the first images, which their files are no longer needed for
//   whole.avref         the bank of all images, without scores
//   scores.jsonl        a line for each image that was scored beside the others of that bank
// All but the lines carry digests. What is damaged counts as not done.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "references/bank.h"

namespace anomalyvlm {

class PartialBank {
 public:
  // Opens or creates that of a bank; this process has exclusive use of it until the end. Throws Error:
  // kBadInput when another process builds that bank, when the folder holds other files, and, unless it may be
  // replaced, a build with other options or weights, naming what differs; kIo.
  PartialBank(const std::filesystem::path& bank, const BankOrigin& origin, bool replace);
  ~PartialBank();  // removes it if nothing is kept
  PartialBank(const PartialBank&) = delete;
  PartialBank& operator=(const PartialBank&) = delete;

  static std::filesystem::path folder_of(const std::filesystem::path& bank);

  std::size_t images() const;  // so many, or more, need not be described again
  // Null: not kept.
  std::shared_ptr<const Bank> start() const;
  std::shared_ptr<const Bank> whole() const;
  // Of the image of that number; none: not kept, or of other pixels.
  std::optional<std::vector<DescribedPart>> described(std::size_t number, const std::string& sha256) const;
  std::string first_image() const;  // the SHA-256 of the first image, if it is kept by itself; else empty
  std::optional<double> score(const std::string& prompt, const std::string& sha256) const;

  void keep(std::size_t number, const std::string& sha256, std::span<const DescribedPart> described);
  void keep_start(const Bank& bank);
  void keep_whole(const Bank& bank);  // forgets scores
  void keep_score(const std::string& prompt, const std::string& sha256, double score);

  // Throws Error(kBadInput) unless what is kept may be replaced; then all of it is forgotten.
  void refuse(const std::string& why);
  void remove();

 private:
  void check_folder() const;
  void check_origin(const BankOrigin& origin);
  void read_scores();
  void forget();
  std::filesystem::path file_of(std::size_t number) const;

  std::filesystem::path folder_;
  bool replace_;
  std::string origin_;  // text of build.json
  std::unique_ptr<GrowingFile> lines_;
  std::map<std::string, double> scores_;  // by prompt and image
};

}  // namespace anomalyvlm
