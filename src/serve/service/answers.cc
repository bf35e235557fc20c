#include "serve/service/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "anomalyvlm/codec.h"
#include "serve/service/accept.h"
#include "serve/service/store.h"

namespace anomalyvlm::serve {
namespace {

constexpr std::string_view kJson = "application/json", kPng = "image/png", kTiff = "image/tiff",
                           kMixed = "multipart/mixed";

std::string_view chosen(const Request& request, std::span<const std::string_view> offered) {
  const std::string_view type = choose_type(request.header("accept"), offered);
  if (type.empty())
    throw HttpError(406, "not_acceptable",
                    fmt::format("The answer can be {}; the header Accept asks for none of them.",
                                fmt::join(offered, ", ")));
  return type;
}

struct FileKind {
  ResultFile file;
  std::string_view name, type;
};
constexpr FileKind kKinds[] = {
    {ResultFile::kAnomalyTiff, "anomaly.tiff", kTiff},
    {ResultFile::kAnomalyPng, "anomaly.png", kPng},
    {ResultFile::kMask, "mask", kPng},
    {ResultFile::kOverlay, "overlay", kPng},
    {ResultFile::kInput, "input", kPng},
    {ResultFile::kJson, "json", kJson},
};

const FileKind& kind_of(ResultFile file) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [&](const FileKind& kind) { return kind.file == file; });
}

std::string disposition(std::string_view file_name) {
  return fmt::format("inline; filename=\"{}\"", file_name);
}

Response file_answer(std::string_view type, std::span<const std::uint8_t> bytes,
                     const std::string& file_name) {
  Response response{.content_type = std::string(type), .body = {bytes.begin(), bytes.end()}};
  response.headers.emplace_back("Content-Disposition", disposition(file_name));
  return response;
}

Response mixed_answer(const std::vector<EncodedResult>& files) {
  constexpr std::size_t kPartHead = 512;
  const std::string boundary = "part-" + random_id();
  std::string body;
  std::size_t size = kPartHead;
  for (const EncodedResult& file : files) size += file.bytes.size() + kPartHead;
  body.reserve(size);
  for (const EncodedResult& file : files) {
    const FileKind& kind = kind_of(file.file);
    body += fmt::format(
        "--{}\r\nContent-Type: {}\r\nContent-Length: {}\r\nContent-Disposition: attachment; name=\"{}\"; "
        "filename=\"{}\"\r\n\r\n",
        boundary, kind.type, file.bytes.size(), kind.name, file.path.filename().string());
    body.append(file.bytes.begin(), file.bytes.end());
    body += "\r\n";
  }
  body += fmt::format("--{}--\r\n", boundary);
  return {.content_type = fmt::format("multipart/mixed; boundary={}", boundary), .body = std::move(body)};
}

}  // namespace

Response detection_answer(const Request& request, const Detection& detection, const Image& image,
                          const HybridPrompt& prompt, ResultOptions results) {
  constexpr std::array<std::string_view, 4> kOffered = {kJson, kPng, kTiff, kMixed};
  const std::string_view type = chosen(request, kOffered);
  if (type == kJson) return {.content_type = std::string(kJson), .body = to_json(detection, prompt, results)};
  if (type == kPng) results.files = {ResultFile::kOverlay};
  if (type == kTiff) results.files = {ResultFile::kAnomalyTiff};
  const std::vector<EncodedResult> files = encode_results(detection, image, prompt, results);
  if (type == kMixed) return mixed_answer(files);
  return file_answer(type, files.front().bytes, files.front().path.filename().string());
}

Response map_answer(const Request& request, const FloatMap& map, double full_scale, const std::string& name) {
  constexpr std::array<std::string_view, 2> kOffered = {kTiff, kPng};
  const std::string_view type = chosen(request, kOffered);
  if (type == kTiff) return file_answer(type, encode_tiff_f32(map), name + ".tiff");
  float white = static_cast<float>(full_scale);
  if (white <= 0) white = std::max(1e-6f, *std::max_element(map.values.begin(), map.values.end()));
  return png_answer(encode_png_gray16(map, 0, white), name + ".png");
}

Response png_answer(std::vector<std::uint8_t> bytes, const std::string& file_name) {
  return file_answer(kPng, bytes, file_name);
}

}  // namespace anomalyvlm::serve
