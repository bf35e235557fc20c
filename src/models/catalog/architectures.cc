#include "models/catalog/architectures.h"

#include <algorithm>

namespace anomalyvlm::catalog {
namespace {

bool fits(const WeightFile& file, const Architecture& architecture) {
  try {
    check_names(file, architecture);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_foreign(const WeightFile& file, const Architecture& architecture) {
  const std::vector<ExpectedTensor> wanted = architecture.tensors();
  return std::none_of(wanted.begin(), wanted.end(),
                      [&](const ExpectedTensor& tensor) { return file.find(tensor.name) != nullptr; });
}

}  // namespace

std::vector<const Architecture*> architectures() {
  std::vector<const Architecture*> all;
  for (const Published& row : published())
    if (row.architecture != nullptr && std::find(all.begin(), all.end(), row.architecture) == all.end())
      all.push_back(row.architecture);
  return all;
}

const Architecture& architecture_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Architecture* architecture : architectures()) {
    if (architecture->name == name) return *architecture;
    known.push_back(architecture->name);
  }
  fail(ErrorKind::kBadInput, "There is no architecture \"{}\"; there are {}.", name, fmt::join(known, ", "));
}

const Architecture* architecture_of(const WeightFile& file) {
  for (const Architecture* architecture : architectures())
    if (fits(file, *architecture)) return architecture;
  return nullptr;
}

void require_architecture(const WeightFile& file, const Architecture& architecture) {
  try {
    check_names(file, architecture);
  } catch (const Error& error) {
    const Architecture* other = architecture_of(file);
    if (other == nullptr && is_foreign(file, architecture))
      fail(error.kind(),
           "{}: these are no weights of {}, for none of its tensors is there; 'anomalyvlm models info FILE' "
           "shows "
           "what a file holds",
           file.source(), architecture.name);
    if (other == nullptr) throw;
    fail(error.kind(), "{}: these are weights of {}, not of {}", file.source(), other->name,
         architecture.name);
  }
}

const OtherNames* other_names_of(const WeightFile& file) {
  for (const Architecture* architecture : architectures())
    if (architecture->other_names != nullptr && architecture->other_names->found(file))
      return architecture->other_names;
  return nullptr;
}

std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file) {
  const OtherNames* names = other_names_of(*file);
  return names == nullptr ? file : names->to_authors(std::move(file));
}

}  // namespace anomalyvlm::catalog
