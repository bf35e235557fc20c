#pragma once
// The files that an image's evidence and ground truth came from, so that a run notices when they are replaced
// under the same names.
#include <string>
#include <vector>

#include "core/files.h"
#include "eval/data/dataset.h"
#include "eval/run/plan.h"

namespace anomalyvlm::eval {

struct FileState {
  FileStamp stamp;
  std::string sha256;  // of its content
};

struct SourceFiles {
  FileState image;
  std::vector<FileState> masks;
};

// As they are now. Throws Error(kIo).
SourceFiles source_files(const Sample& sample);

// What is not as it was: "the image", "its mask"; empty: nothing. Files are only read whose stamps differ.
std::string difference(const SourceFiles& before, const Sample& sample);

Json to_json(const SourceFiles& files);
SourceFiles to_source_files(const Json& json);  // throws nlohmann's exceptions

}  // namespace anomalyvlm::eval
