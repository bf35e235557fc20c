#pragma once
// Which of the forms of an answer a client prefers (RFC 9110, 12.5.1).
#include <span>
#include <string_view>

namespace anomalyvlm::serve {

// The best of `offered` (media types, the server's favourite first) for a header Accept; empty: none will do.
// Without the header the favourite.
std::string_view choose_type(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace anomalyvlm::serve
