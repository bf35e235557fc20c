#pragma once
// Files compressed by gzip (RFC 1952).
#include <cstddef>
#include <string>
#include <string_view>

namespace anomalyvlm {

bool is_gzip(std::string_view bytes);  // by its first two bytes

// What was compressed. Throws Error(kBadModel) for bytes that are damaged or cut short, and for more than
// `most` bytes of content, naming `source`.
std::string gunzipped(std::string_view bytes, std::size_t most, std::string_view source);

}  // namespace anomalyvlm
