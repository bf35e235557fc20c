#include "image/tiff_pages.h"

#include <vector>

namespace anomalyvlm::codec {
namespace {

constexpr int kMostPages = 256;  // that are looked at

struct Page {
  std::uint64_t offset = 0;
  std::uint64_t area = 0;
  int orientation = 0;  // 0: not given
  bool full = false;    // neither reduced nor a mask
};

Page current_page(TIFF* tiff) {
  const auto kind = tiff_tag<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0);
  std::uint16_t orientation = 0;
  if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation) != 1) orientation = 0;
  return {TIFFCurrentDirOffset(tiff),
          std::uint64_t{tiff_tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0)} *
              tiff_tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0),
          orientation, (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0};
}

std::vector<std::uint64_t> subdirectories(TIFF* tiff) {
  std::uint16_t count = 0;
  toff_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) != 1 || !offsets) return {};
  return {offsets, offsets + count};
}

class Survey {
 public:
  Survey(TIFF* tiff, TiffMemory& memory) : tiff_(tiff), memory_(memory) {}

  TiffPages run() {
    bool more = true;
    for (int i = 0; more && i < kMostPages; ++i) {
      const Page page = current_page(tiff_);
      take(page, page.orientation, /*of_the_chain=*/true);
      more = TIFFLastDirectory(tiff_) == 0;
      look_into_sub_directories(page);
      if (more && TIFFReadDirectory(tiff_) != 1) {
        broken_ = true;
        more = false;
      }
    }
    TiffPages found{best_.offset, orientation_ > 0 ? orientation_ : 1, best_index_ == 0,
                    full_pages_ > 1 || more, !best_.full && broken_};
    memory_.error.clear();  // of pages that are not used
    return found;
  }

 private:
  void take(const Page& page, int orientation, bool of_the_chain) {
    if (page.full && of_the_chain) ++full_pages_;
    const bool better = page.full == best_.full ? page.area > best_.area : page.full;
    if (taken_++ > 0 && !better) return;
    best_ = page;
    best_index_ = page.full && of_the_chain ? full_pages_ - 1 : 0;
    orientation_ = orientation;
  }

  void look_into_sub_directories(const Page& parent) {
    const std::vector<std::uint64_t> offsets = subdirectories(tiff_);
    for (const std::uint64_t offset : offsets) {
      if (++sub_directories_ > kMostPages) break;
      if (TIFFSetSubDirectory(tiff_, offset) != 1) {
        broken_ = true;
        continue;
      }
      const Page page = current_page(tiff_);
      take(page, page.orientation > 0 ? page.orientation : parent.orientation, /*of_the_chain=*/false);
    }
    if (!offsets.empty()) TIFFSetSubDirectory(tiff_, parent.offset);  // where the chain goes on
  }

  TIFF* tiff_;
  TiffMemory& memory_;
  Page best_;
  int orientation_ = 0;
  int taken_ = 0, full_pages_ = 0, best_index_ = 0, sub_directories_ = 0;
  bool broken_ = false;
};

}  // namespace

TiffPages find_image(TIFF* tiff, TiffMemory& memory) { return Survey(tiff, memory).run(); }

}  // namespace anomalyvlm::codec
