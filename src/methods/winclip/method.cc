#include "methods/winclip/method.h"

#include <mutex>
#include <utility>

#include "core/lru_cache.h"

namespace anomalyvlm::winclip {
namespace {

constexpr std::size_t kMostObjects = 64;  // whose sentences stay encoded

class WinClipMethod : public DenseMethod {
 public:
  WinClipMethod(WinClip winclip, DenseMethodOptions options)
      : DenseMethod(std::move(options)), winclip_(std::move(winclip)) {}

 private:
  DenseObservation look(const Image& image, const HybridPrompt& prompt,
                        const DetectSettings&) const override {
    const bool named = !prompt.object.empty();
    DenseObservation seen = winclip_.observe(image, *about(named ? prompt.object : "object"));
    if (!named)
      seen.notes.emplace_back(
          "The method winclip was told no object: it compared the image with sentences about an \"object\". "
          "A "
          "name such as \"metal nut\" says more.");
    return seen;
  }

  // One thread at a time: others that ask for the same object would compute the same.
  std::shared_ptr<const Prototypes> about(const std::string& object) const {
    const std::scoped_lock lock(mutex_);
    if (auto known = known_.find(object)) return known;
    auto made = std::make_shared<const Prototypes>(winclip_.about(object));
    known_.add(object, made);
    return made;
  }

  WinClip winclip_;
  mutable std::mutex mutex_;
  mutable LruCache<Prototypes> known_{kMostObjects};
};

}  // namespace

std::unique_ptr<Method> method(WinClip winclip, std::vector<LoadedModel> models, const TileOptions& tiles,
                               int resize) {
  return std::make_unique<WinClipMethod>(
      std::move(winclip),
      DenseMethodOptions{"winclip", std::move(models), tiles, resize, PromptWords::kObject});
}

}  // namespace anomalyvlm::winclip
