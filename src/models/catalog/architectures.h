#pragma once
// Recognises a weight file's architecture, among those of the catalog, by its tensors.
#include "models/catalog/catalog.h"

namespace anomalyvlm::catalog {

std::vector<const Architecture*> architectures();               // in the order of the rows, each once
const Architecture& architecture_named(std::string_view name);  // throws Error(kBadInput)

// The one whose names and shapes a file has; nullptr when there is none.
const Architecture* architecture_of(const WeightFile& file);

// Throws Error(kBadModel) as check_names() does, which ends with what the file is if it is of another
// architecture.
void require_architecture(const WeightFile& file, const Architecture& architecture);

// The names that a file has if they are not the authors'; nullptr: the authors', or unknown ones.
const OtherNames* other_names_of(const WeightFile& file);
// The file with the authors' names; the file itself if there is nothing to change. Throws Error(kBadModel).
std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file);

}  // namespace anomalyvlm::catalog
