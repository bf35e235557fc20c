#include "weights/renamed_tensors.h"

#include "weights/excerpt.h"

namespace anomalyvlm {
namespace {

// "a.query.b" -> "a.key.b"; empty for a name without.
std::string with_part(std::string_view name, std::string_view part, std::string_view other) {
  const std::size_t at = name.rfind(part);
  if (at == std::string_view::npos) return {};
  return fmt::format("{}{}{}", name.substr(0, at), other, name.substr(at + part.size()));
}

Tensor joined_of(const WeightFile& file, const std::string& query) {
  const Tensor parts[] = {file.at(query), file.at(with_part(query, ".query.", ".key.")),
                          file.at(with_part(query, ".query.", ".value."))};
  Shape shape = parts[0].shape();
  for (const Tensor& part : parts) {
    if (part.shape() != shape || part.dtype() != parts[0].dtype() || shape.empty())
      fail(ErrorKind::kBadModel, "{}: queries, keys and values of '{}' do not fit each other", file.source(),
           excerpt(query));
  }
  shape[0] *= 3;
  auto data = std::make_shared<std::vector<std::uint64_t>>(3 * parts[0].bytes() / 8 + 1);
  auto* to = reinterpret_cast<std::uint8_t*>(data->data());
  for (const Tensor& part : parts) {
    if (part.bytes() > 0) std::memcpy(to, part.raw(), part.bytes());
    to += part.bytes();
  }
  const void* start = data->data();
  return Tensor(parts[0].dtype(), std::move(shape), std::move(data), start);
}

// Keys and values that went into a joined matrix by way of their queries.
bool is_joined_with_another(const WeightFile& file, std::span<const NameRule> joined,
                            const std::string& name) {
  for (const char* part : {".key.", ".value."}) {
    const std::string query = with_part(name, part, ".query.");
    if (!query.empty() && file.find(query) && renamed(joined, query)) return true;
  }
  return false;
}

}  // namespace

WeightFile::Tensors renamed_tensors(const WeightFile& file, std::span<const NameRule> rules,
                                    std::span<const NameRule> joined) {
  WeightFile::Tensors tensors;
  for (const auto& [name, tensor] : file.tensors()) {
    if (is_joined_with_another(file, joined, name)) continue;
    const std::optional<std::string> join = renamed(joined, name);
    const std::string authors = join ? *join : renamed(rules, name).value_or(name);
    if (!tensors.emplace(authors, join ? joined_of(file, name) : tensor).second)
      fail(ErrorKind::kBadModel, "{}: two of its tensors are the authors' '{}'", file.source(),
           excerpt(authors));
  }
  return tensors;
}

std::shared_ptr<const WeightFile> with_tensors(const WeightFile& file, WeightFile::Tensors tensors) {
  auto result =
      std::make_shared<WeightFile>(file.source(), std::move(tensors), file.metadata(), file.unreadable());
  for (const auto& mapped : file.mapped()) result->keep(mapped);
  return result;
}

}  // namespace anomalyvlm
