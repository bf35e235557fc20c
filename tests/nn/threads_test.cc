// One setting of threads for engines and kernels: which threads of this process did the work is asked of the
// operating system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/threads.h"
#include "nn/run_case.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;

// CPU time of each thread of this process so far, in ticks of a hundredth of a second.
std::map<std::string, long> ticks_by_thread() {
  std::map<std::string, long> ticks;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    std::string text(std::istreambuf_iterator<char>(file), {});
    std::istringstream rest(text.substr(text.rfind(')') + 1));
    std::string word;
    long user = 0, system = 0;
    for (int field = 3; field < 14; ++field) rest >> word;
    rest >> user >> system;
    ticks[task.path().filename().string()] = user + system;
  }
  return ticks;
}

// How many threads took part in what `work` does for a while: those with a tenth of the busiest one's time.
int busy_threads(const std::function<void()>& work) {
  work();
  const std::map<std::string, long> before = ticks_by_thread();
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  while (std::chrono::steady_clock::now() < end) work();
  std::vector<long> spent;
  for (const auto& [thread, ticks] : ticks_by_thread()) {
    const auto earlier = before.find(thread);
    spent.push_back(ticks - (earlier == before.end() ? 0 : earlier->second));
  }
  const long most = *std::max_element(spent.begin(), spent.end());
  return static_cast<int>(std::count_if(spent.begin(), spent.end(), [&](long t) { return t * 10 > most; }));
}

class Threads : public ::testing::TestWithParam<std::tuple<std::string, std::string, int>> {
 protected:
  void TearDown() override { set_thread_count(before_); }
  int before_ = thread_count();
};

TEST_P(Threads, NoMoreThanAskedForWork) {
  const auto& [name, operation, threads] = GetParam();
  set_thread_count(threads);
  const auto engine = nn::make_engine(name, {.device = "cpu", .disk_cache = false});
  for (const OpCase& c : op_cases()) {
    if (!c.timed || c.operation() != operation) continue;
    const CompiledCase compiled = compile_case(*engine, c, draw_inputs(c));
    // On a machine with other load a thread that waits may look busy once; one that works always does.
    int busy = threads + 1;
    for (int attempt = 0; attempt < 3 && busy > threads; ++attempt)
      busy = std::min(busy, busy_threads([&] { compiled.run(); }));
    EXPECT_LE(busy, threads) << c.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Threads,
                         ::testing::Combine(::testing::ValuesIn(nn::engine_names()),
                                            ::testing::Values("conv2d", "matmul", "neighbour_distance"),
                                            ::testing::Values(1, 2)),
                         [](const auto& info) {
                           return fmt::format("{}_{}_{}", std::get<0>(info.param), std::get<1>(info.param),
                                              std::get<2>(info.param));
                         });

}  // namespace
}  // namespace anomalyvlm::test
