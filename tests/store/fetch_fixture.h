#pragma once
// A file to fetch, a folder to fetch it into, and what happens on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "anomalyvlm/error.h"
#include "core/platform.h"
#include "core/sha256.h"
#include "store/fetch/fetch.h"
#include "store/http_server.h"

namespace anomalyvlm::store {

namespace fs = std::filesystem;
using test::HttpReply;
using test::HttpRequest;
using test::HttpServer;

constexpr std::size_t kSize = 300'000;

inline std::string some_content(std::size_t size = kSize) {
  std::string content;
  for (std::size_t i = 0; i < size; ++i) content += static_cast<char>(i * i >> 7);
  return content;
}

class Fetch : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);
    ::unsetenv("ANOMALYVLM_MIRROR");
    fs::remove_all(folder_.parent_path());
  }
  void TearDown() override { fs::remove_all(folder_.parent_path()); }

  Published entry(const std::string& url) {
    url_ = url;
    return {.name = "some",
            .role = catalog::Role::kFeatureExtractor,
            .architecture = nullptr,
            .file = "some.pth",
            .url = url_,
            .bytes = content_.size(),
            .sha256 = sha256_,
            .licence = "MIT",
            .summary = "a test"};
  }

  Fetched fetch(const Published& entry) {
    FetchOptions options;
    options.tries = 3;
    options.pause = std::chrono::milliseconds(1);
    options.stalled_seconds = 1;
    options.most_bytes = most_bytes_;
    options.most_tries = most_tries_;
    options.mirror = mirror_;
    options.on_event = [this](const std::string& what) { events_.push_back(what); };
    return store::fetch(entry, folder_, options);
  }
  Fetched fetch(const HttpServer& server) { return fetch(entry(server.url("/some.pth"))); }

  // Of the Error that it ends with.
  template <typename Call>
  std::string failure(ErrorKind kind, Call&& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  void expect_whole() const { EXPECT_EQ(read_file(folder_ / "some.pth"), content_); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& file : fs::directory_iterator(folder_, none)) names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  void put(const std::string& name, const std::string& content) const {
    fs::create_directories(folder_);
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  const std::string content_ = some_content();
  const std::string sha256_ =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(content_.data()), content_.size()});
  const fs::path folder_ =
      fs::temp_directory_path() / ("anomalyvlm-fetch-" + std::to_string(process_id())) / "models";
  std::uint64_t most_bytes_ = 1'000'000;
  int most_tries_ = 100;
  std::string url_, mirror_;
  std::vector<std::string> events_;
};

}  // namespace anomalyvlm::store
