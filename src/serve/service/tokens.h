#pragma once
// Who may use the server: bearer tokens (RFC 6750) from a file.
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::serve {

constexpr std::size_t kShortestToken = 20;  // characters

class Tokens {
 public:
  // One token a line, of at least kShortestToken visible characters; a name may stand before it, for logs
  // ("line3 TOKEN"); lines that begin with # are comments. Throws Error: kIo, kBadInput for a file without
  // tokens, with unusable ones, or that others than its owner and its group can read.
  explicit Tokens(const std::filesystem::path& file);

  struct Client {
    std::string name;   // for logs: that of the file, or "token 1"
    std::string owner;  // of what it stores; stays the same when the file is read anew
  };
  // Takes the same time whichever token it is, and where it differs. None: it is unknown.
  std::optional<Client> find(std::string_view token) const;
  // Reads the file anew; keeps what it had and throws as the constructor if that fails.
  void reload();

 private:
  struct Known {
    std::string digest;  // SHA-256 of the token
    std::string name;
  };
  std::vector<Known> read() const;

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::vector<Known> known_;
};

}  // namespace anomalyvlm::serve
