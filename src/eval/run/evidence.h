#pragma once
// What a method observed of one image, as a file: so that rules, numbers of regions and fusion can be tried
// again without the models, with bit-identical results.
#include <filesystem>
#include <span>
#include <vector>

#include "methods/evidence.h"

namespace anomalyvlm::eval {

// One for each prompt, of the same image. Of the saliency map only 256 levels are kept,
// which are for people; the candidates' own saliency is exact. Throws Error(kIo).
void write_evidence(const std::filesystem::path& file, std::span<const Evidence> evidence);

// Never empty. Throws Error(kIo), or Error(kBadModel) for a file that is damaged or something else.
std::vector<Evidence> read_evidence(const std::filesystem::path& file);

// Whether a file can be such evidence, by its header.
bool is_evidence(const std::filesystem::path& file);

}  // namespace anomalyvlm::eval
