#include "anomalyvlm/session.h"

#include <string>

#include "core/check.h"
#include "core/lru_cache.h"
#include "detector/boundary.h"
#include "detector/loaded.h"
#include "detector/reference_bank.h"
#include "methods/ignored.h"

namespace anomalyvlm {
struct Session::Impl {
  static constexpr std::size_t kQuestions = 8;

  std::shared_ptr<const LoadedDetector> loaded;
  Image image;
  std::vector<std::string> notes;  // on the image's pixels
  std::unique_ptr<Observer> observer;
  References references;  // that `observed` was compared with
  LruCache<Evidence> observed{kQuestions};

  Impl(std::shared_ptr<const LoadedDetector> detector, const ImageView& view)
      : loaded(std::move(detector)), image(to_rgb8(view, &notes)), observer(loaded->method->open(image)) {}

  Detection detect(const HybridPrompt& prompt, const DetectSettings& settings) {
    validate(prompt);
    if (settings.references.bank() != references.bank()) {
      if (!settings.references.empty()) require_fit(*settings.references.bank(), *loaded);
      references = settings.references;
      observed = LruCache<Evidence>(kQuestions);
    }
    check_ignored(settings.ignored, image.width, image.height);
    const std::string question = loaded->method->question_of(prompt);
    std::shared_ptr<const Evidence> evidence = observed.find(question);
    Evidence again;
    if (evidence) {
      again = *evidence;
      again.timings.clear();
    } else {
      again = observer->observe(prompt, settings);
      again.notes.insert(again.notes.begin(), notes.begin(), notes.end());
      observed.add(question, std::make_shared<const Evidence>(again));
    }
    Detection found =
        loaded->method->judge()->judge(image, std::move(again), prompt, {.ignored = settings.ignored});
    found.method = loaded->options.method;
    found.p_value = p_value_of(settings.references, *loaded, prompt, found.image_score);
    found.references = described(settings.references);
    return found;
  }
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

namespace {

constexpr const char* kMovedFrom =
    "This Session was moved from and holds no image; use the one it was moved to.";

}  // namespace

Detection Session::detect(const HybridPrompt& prompt, const DetectSettings& settings) {
  if (!impl_) fail(ErrorKind::kBadInput, "{}", kMovedFrom);
  return guarded([&] { return impl_->detect(prompt, settings); });
}

const Image& Session::image() const {
  if (!impl_) fail(ErrorKind::kBadInput, "{}", kMovedFrom);
  return impl_->image;
}

std::size_t Session::memory() const {
  std::size_t bytes = image().rgb.capacity() + impl_->observer->memory();
  impl_->observed.for_each([&](const Evidence& evidence) { bytes += bytes_of(evidence); });
  return bytes;
}

Session Detector::open(const ImageView& image) const {
  return guarded([&] {
    require_loaded(loaded_.get());
    return Session(std::make_unique<Session::Impl>(loaded_, image));
  });
}

}  // namespace anomalyvlm
