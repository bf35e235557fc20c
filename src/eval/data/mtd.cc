// Magnetic tile defects: MT_KIND/Imgs/STEM.jpg with MT_KIND/Imgs/STEM.png, the mask. Some images of a
// defect have an empty mask and count as normal; those of MT_Free are normal as they stand.
#include <array>
#include <cctype>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/listing.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr std::array kFolders = {"MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Free", "MT_Uneven"};

// "MT_Blowhole" -> "blowhole", "MT_Free" -> "good"
std::string kind_of(const std::string& folder) {
  if (folder == "MT_Free") return "good";
  std::string kind = folder.substr(3);
  kind[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(kind[0])));
  return kind;
}

void read_kind(const fs::path& root, const std::string& folder, ImageLister& lister,
               std::vector<Sample>& samples) {
  const std::string below = folder + "/Imgs/";
  for (const std::string& image : lister.images(below)) {
    if (!image.ends_with(".jpg")) continue;
    Sample sample;
    sample.id = below + image;
    sample.kind = kind_of(folder);
    sample.image = root / sample.id;
    if (sample.kind != "good") {
      sample.label = Label::kByMask;
      sample.masks = {existing_mask(sample.image, root / (below + without_extension(image) + ".png"))};
    }
    samples.push_back(std::move(sample));
  }
}

}  // namespace

bool is_mtd(const fs::path& root) {
  for (const char* folder : kFolders)
    if (is_folder(root / folder / "Imgs")) return true;
  return false;
}

Dataset open_mtd(const fs::path& root, const DatasetOptions& options) {
  refuse_splits(options.split, "mtd");
  Dataset dataset;
  for (const std::string& name : chosen_categories("mtd", root, {"mtd"}, options.categories))
    dataset.categories.push_back({name, group_of("mtd", name), {}});
  ImageLister lister(root);
  for (const char* folder : kFolders)
    if (is_folder(root / folder / "Imgs"))
      read_kind(root, folder, lister, dataset.categories.front().samples);
  lister.note(dataset.notes);
  return dataset;
}

}  // namespace anomalyvlm::eval
