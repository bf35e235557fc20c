#pragma once
// What a client may say about one inspection: in the query, or as members of a JSON object.
#include <optional>
#include <string>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "anomalyvlm/results.h"
#include "serve/service/json.h"

namespace anomalyvlm::serve {

struct InspectOptions {
  std::optional<std::string> prompt;            // sentences
  std::optional<std::string> prompt_toml;       // the same as TOML; not both
  std::optional<double> limit;                  // of the image score; 0: none, whatever the prompt says
  std::optional<double> threshold, full_scale;  // as in ResultOptions; none: the server's
  bool masks = true;                            // in JSON
  std::vector<ResultFile> write = {ResultFile::kJson, ResultFile::kOverlay};  // of an answer of several parts
  std::string references;         // what POST /v1/references called them; empty: the server's
  std::string name = "image";     // what results call the image
  int bits = 0;                   // ReadOptions::bits
  std::optional<double> timeout;  // seconds
};

// Sets what `values` says. Throws HttpError(400) for unknown members and values of another type or out of
// range.
void read_options(const Json& values, InspectOptions& options);
// The same from a query.
void read_options(const std::multimap<std::string, std::string>& query, InspectOptions& options);

constexpr std::size_t kLongestPrompt = 20'000;  // bytes

// Sentences or TOML from a client. Throw HttpError(422) with the place of what was not understood.
HybridPrompt read_sentences(const std::string& text);
HybridPrompt read_toml(const std::string& text);
void check_prompt_size(const std::string& text);

// Of these options on top of the server's default. Throws HttpError(422) with the place of what was not
// understood.
HybridPrompt prompt_of(const InspectOptions& options, const HybridPrompt& standard);

// A file's name as a client may give it: without folders, and without what a file's
// name cannot have.
std::string safe_name(std::string_view given);

std::string stem_of(const std::string& name);  // "photo" of "photo.jpg": what results are called

}  // namespace anomalyvlm::serve
