// Whatever fails inside, in our code or in an engine, leaves the library as an Error and does no lasting
// harm. The fault is an allocation that fails; it can happen nearly anywhere. A program of its own, because
// it replaces operator new for everything in the process.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <optional>

#include "anomalyvlm/batch.h"
#include "anomalyvlm/detector.h"
#include "anomalyvlm/session.h"
#include "source_dir.h"

namespace {

// Of this thread: allocations until one fails. Below 0: none does, and they are counted down.
thread_local long until_failure = -1;

bool fails_now() { return until_failure >= 0 && until_failure-- == 0; }

void* allocated(std::size_t bytes, std::size_t alignment) {
  if (fails_now()) throw std::bad_alloc();
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;  // as aligned_alloc asks for
  void* const memory = std::aligned_alloc(alignment, whole > 0 ? whole : alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocated(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocated(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace anomalyvlm {
namespace {

const DetectorOptions kOptions = {.resize = 64, .disk_cache = false, .data_folder = test::source_dir()};

const Detector& detector() {
  static const Detector instance(kOptions);
  return instance;
}

// Grey, with a dark square.
Image image_with_defect() {
  Image image{80, 60, std::vector<std::uint8_t>(80 * 60 * 3, 150)};
  for (int y = 20; y < 30; ++y)
    for (int x = 30; x < 42; ++x)
      image.row(y)[3 * x] = image.row(y)[3 * x + 1] = image.row(y)[3 * x + 2] = 20;
  return image;
}

// Calls `work` again and again, with a failure at its 1st, 2nd, ... allocation, in growing steps, until it
// succeeds because there were fewer. Returns how many calls ended in an Error.
template <typename Work>
int errors_of(const Work& work, long first_step = 1) {
  int errors = 0;
  for (long at = 0, step = first_step;; at += step, step += step / 4 + 1) {
    until_failure = at;
    try {
      work();
    } catch (const Error&) {
      ++errors;
    } catch (...) {
      until_failure = -1;
      ADD_FAILURE() << "something else than an Error, at allocation " << at;
      continue;
    }
    const bool failed = until_failure < 0;  // also where the failure was dealt with
    until_failure = -1;
    if (!failed) return errors;
  }
}

// What libraries set up once in a process is set up before: their own code does not always survive a failure
// there.
class Faults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { detector().detect(image_with_defect().view()); }
};

TEST_F(Faults, OfDetectAreErrors) {
  const Image image = image_with_defect();
  const Detection before = detector().detect(image.view());
  EXPECT_GT(errors_of([&] { detector().detect(image.view()); }), 10);
  EXPECT_EQ(detector().detect(image.view()).anomaly.values, before.anomaly.values);
}

TEST_F(Faults, OfSessionsAreErrors) {
  const Image image = image_with_defect();
  const Detection before = detector().detect(image.view());
  const HybridPrompt prompt = generic_prompt();
  EXPECT_GT(errors_of([&] { detector().open(image.view()).detect(prompt); }), 10);
  Session session = detector().open(image.view());
  EXPECT_GT(errors_of([&] { session.detect(prompt); }), 0);
  EXPECT_EQ(session.detect(prompt).anomaly.values, before.anomaly.values);
}

TEST_F(Faults, OfBatchesAreErrors) {
  const HybridPrompt prompt = generic_prompt();
  int given = 0, failed = 0;
  const std::function<std::optional<BatchInput>()> next = [&]() -> std::optional<BatchInput> {
    if (given == 2) return std::nullopt;
    ++given;
    return BatchInput{.name = "", .load = image_with_defect};
  };
  const std::function<void(BatchOutput)> done = [&](const BatchOutput& output) {
    failed += output.error ? 1 : 0;
  };
  const int thrown = errors_of([&] {
    given = 0;
    detect_batch(detector(), prompt, next, done, {.in_flight = 1});
  });
  EXPECT_GT(thrown + failed, 10);
}

TEST_F(Faults, OfLoadingAreErrors) {
  EXPECT_GT(errors_of([] { const Detector fresh(kOptions); }, 500), 5);
}

}  // namespace
}  // namespace anomalyvlm
