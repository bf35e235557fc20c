#include "serve/service/tokens.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "core/sha256.h"

namespace anomalyvlm::serve {
namespace {

std::string digest_of_token(std::string_view token) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(token.data()), token.size()});
}

void require_private(const std::filesystem::path& file) {
  using std::filesystem::perms;
  std::error_code error;
  const perms mode = std::filesystem::status(file, error).permissions();
  if (!error && (mode & (perms::others_read | perms::others_write)) != perms::none)
    fail(ErrorKind::kBadInput,
         "everybody can read or write the tokens in '{}'; allow that its owner alone (chmod 600)",
         file.string());
}

}  // namespace

Tokens::Tokens(const std::filesystem::path& file) : file_(file), known_(read()) {}

std::vector<Tokens::Known> Tokens::read() const {
  constexpr std::size_t kMostBytes = 1 << 20;
  std::istringstream lines(read_file(file_, kMostBytes));
  require_private(file_);
  std::vector<Known> known;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line);
    std::string first, second, third;
    words >> first >> second >> third;
    if (first.empty() || first.front() == '#') continue;
    const std::string& token = second.empty() ? first : second;
    const bool visible =
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
    if (!third.empty() || !visible || token.size() < kShortestToken)
      fail(ErrorKind::kBadInput,
           "line {} of '{}' is not a token of {} or more visible characters, or a name and a token", number,
           file_.string(), kShortestToken);
    known.push_back(
        {digest_of_token(token), second.empty() ? fmt::format("token {}", known.size() + 1) : first});
  }
  if (known.empty())
    fail(ErrorKind::kBadInput, "'{}' has no token; write one a line, of {} or more characters",
         file_.string(), kShortestToken);
  return known;
}

std::optional<Tokens::Client> Tokens::find(std::string_view token) const {
  const std::string digest = digest_of_token(token);
  std::optional<Client> client;
  const std::lock_guard lock(mutex_);
  for (const Known& known : known_)
    if (CRYPTO_memcmp(known.digest.data(), digest.data(), digest.size()) == 0)
      client = Client{known.name, known.digest};
  return client;
}

void Tokens::reload() {
  std::vector<Known> known = read();
  const std::lock_guard lock(mutex_);
  known_ = std::move(known);
}

}  // namespace anomalyvlm::serve
