#include "reference/case.h"

#include "core/platform.h"

namespace anomalyvlm::golden {

namespace {

namespace fs = std::filesystem;
using Files = std::vector<std::shared_ptr<const WeightFile>>;

std::shared_ptr<const WeightFile> with_prefix(const WeightFile& file, const std::string& prefix) {
  WeightFile::Tensors tensors;
  for (const auto& [name, tensor] : file.tensors())
    tensors.emplace(name.starts_with(prefix) ? name : prefix + name, tensor);
  return std::make_shared<WeightFile>(file.source(), std::move(tensors), file.metadata());
}

std::shared_ptr<const WeightFile> load_if_there(const fs::path& path) {
  return fs::exists(path) ? load_weights(path)
                          : std::make_shared<const WeightFile>(path.string(), WeightFile::Tensors{});
}

std::shared_ptr<const WeightFile> load_case_weights(const GoldenCase& golden) {
  Files files;
  if (const auto list = golden.info.find("weights"); list != golden.info.end() && !list->is_null()) {
    if (list->is_string()) return golden.load(list->get<std::string>());
    for (const auto& name : *list) files.push_back(golden.load(name.get<std::string>()));
    return merge(files);
  }
  if (golden.info.contains("weights_file")) files.push_back(golden.load(golden.info["weights_file"]));
  if (golden.info.contains("encoder_weights_file"))
    files.push_back(with_prefix(*golden.load(golden.info["encoder_weights_file"]), "image_encoder."));
  if (fs::exists(golden.dir / "weights.safetensors")) files.push_back(golden.load("weights.safetensors"));
  return files.size() == 1 ? files.front() : merge(files);
}

}  // namespace

std::shared_ptr<const WeightFile> GoldenCase::load(const std::string& relative_path) const {
  return load_weights(dir / relative_path);
}

GoldenCase read_case(const fs::path& dir) {
  GoldenCase golden;
  golden.dir = dir;
  const fs::path file = dir / "case.json";
  if (!fs::exists(file))
    fail(ErrorKind::kIo, "{}: not a golden case, for there is no case.json in it", dir.string());
  try {
    golden.info = nlohmann::json::parse(read_file(file));
    golden.model = golden.info.at("model").get<std::string>();
    golden.kind = golden.info.value("kind", "");
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::kBadInput, "{}: {}", file.string(), error.what());
  }
  return golden;
}

void load_tensors(GoldenCase& golden) {
  golden.inputs = load_if_there(golden.dir / "inputs.safetensors");
  golden.expected = load_if_there(golden.dir / "expected.safetensors");
  golden.weights = load_case_weights(golden);
}

}  // namespace anomalyvlm::golden
