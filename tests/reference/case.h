#pragma once
// A golden case: a folder with case.json (model, config, tolerances), inputs, weights and expected outputs.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "weights/weights.h"

namespace anomalyvlm::golden {

struct GoldenCase {
  std::filesystem::path dir;
  nlohmann::json info;  // case.json
  std::string model;    // its "model"
  std::string kind;     // its "kind", may be empty

  // Never null; empty where the case has none. weights: in order, later ones replacing earlier ones' tensors,
  // the files of "weights", or else "weights_file", "encoder_weights_file" (its names get the prefix
  // "image_encoder.") and the folder's own weights.safetensors.
  std::shared_ptr<const WeightFile> weights;
  std::shared_ptr<const WeightFile> inputs;
  std::shared_ptr<const WeightFile> expected;

  const Tensor& input(const std::string& name) const { return inputs->at(name); }
  bool has_input(const std::string& name) const { return inputs->find(name) != nullptr; }
  // Whether the case asks for this output at all.
  bool wants(const std::string& name) const { return expected->find(name) != nullptr; }
  // A weight file named somewhere else in case.json; the path is relative to the folder.
  std::shared_ptr<const WeightFile> load(const std::string& relative_path) const;
};

// Reads case.json alone. Throws Error when it is missing or not as it should be.
GoldenCase read_case(const std::filesystem::path& dir);

// Reads the weights, the inputs and the expected outputs.
void load_tensors(GoldenCase& golden);

}  // namespace anomalyvlm::golden
