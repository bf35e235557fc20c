#pragma once
// The methods that can be chosen by name: one table, a row a method.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/options.h"
#include "methods/method.h"
#include "nn/engine.h"

namespace anomalyvlm {

// What a method is loaded with. The options are those that its `complete` has seen.
struct MethodContext {
  const DetectorOptions& options;
  std::shared_ptr<nn::Engine> engine;
  nn::Precision precision;
};

enum class ReferenceUse { kNone, kOptional, kRequired };

struct MethodEntry {
  const char* name;
  const char* summary;                   // one line for people
  bool takes_words;                      // phrases have an effect
  bool takes_object;                     // the object's name has one
  bool finds_regions;                    // else scores of pixels, which a default prompt does not cut down
  bool scores_to_one;                    // MethodInfo::scores_to_one
  std::vector<std::string> (*models)();  // MethodInfo::models
  // Fills in what the options leave to the method. Throws Error(kBadInput) for options that it does not have.
  void (*complete)(DetectorOptions& options);
  std::unique_ptr<Method> (*load)(const MethodContext& context);
  ReferenceUse references = ReferenceUse::kNone;  // whether it compares images with good ones
};

std::span<const MethodEntry> method_entries();           // the default first
const MethodEntry& method_entry(std::string_view name);  // throws Error(kBadInput)

// Throws what loading would where the published weights of the method's model are not there, without opening
// any; Error(kBadInput) as `complete`.
void require_weights_of(DetectorOptions options);

}  // namespace anomalyvlm
