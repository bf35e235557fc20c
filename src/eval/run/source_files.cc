#include "eval/run/source_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "anomalyvlm/error.h"
#include "core/platform.h"
#include "core/sha256.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

FileState state_of(const fs::path& file) {
  // The stamp is taken first: a write in between is noticed the next time.
  const FileStamp stamp = file_stamp(file);
  const std::string content = read_file(file);
  return {stamp, sha256_hex({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()})};
}

bool is_as_before(const FileState& before, const fs::path& file) {
  try {
    return before.stamp == file_stamp(file) || before.sha256 == state_of(file).sha256;
  } catch (const Error&) {
    return false;  // reading the image will report why it cannot be read
  }
}

Json to_json(const FileState& state) {
  return {{"size", state.stamp.size},
          {"modified_ns", state.stamp.modified_ns},
          {"changed_ns", state.stamp.changed_ns},
          {"sha256", state.sha256}};
}

FileState to_state(const Json& json) {
  return {{json.at("size"), json.at("modified_ns"), json.at("changed_ns")}, json.at("sha256")};
}

}  // namespace

SourceFiles source_files(const Sample& sample) {
  SourceFiles files{state_of(sample.image), {}};
  for (const fs::path& mask : sample.masks) files.masks.push_back(state_of(mask));
  return files;
}

std::string difference(const SourceFiles& before, const Sample& sample) {
  if (!is_as_before(before.image, sample.image)) return "the image";
  const bool same_masks = std::equal(before.masks.begin(), before.masks.end(), sample.masks.begin(),
                                     sample.masks.end(), is_as_before);
  return same_masks ? "" : "its mask";
}

Json to_json(const SourceFiles& files) {
  Json json = {{"image", to_json(files.image)}};
  for (const FileState& mask : files.masks) json["masks"].push_back(to_json(mask));
  return json;
}

SourceFiles to_source_files(const Json& json) {
  SourceFiles files{to_state(json.at("image")), {}};
  if (json.contains("masks"))
    for (const Json& mask : json["masks"]) files.masks.push_back(to_state(mask));
  return files;
}

}  // namespace anomalyvlm::eval
