#pragma once
// Fetches published weights into the folder.
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "models/catalog/catalog.h"

namespace anomalyvlm::store {

using catalog::Published;

struct FetchOptions {
  // Instead of the published URL: a URL below which the files lie under their names, or a folder of them.
  // Empty: $ANOMALYVLM_MIRROR, else the published URL.
  std::string mirror;
  int tries = 5;                          // in a row that receive next to nothing, before giving up
  int most_tries = 200;                   // in all
  std::chrono::milliseconds pause{1000};  // before the second try; doubled before each further one
  int slowest = 1000;                     // bytes a second; a connection that is slower
  int stalled_seconds = 60;               // for so long counts as broken
  std::uint64_t most_bytes = std::uint64_t{1} << 30;  // of a file whose size the catalog does not know
  // The bytes received and the total; 0: unknown. Called often.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;
  // A status message: another process is being waited for, an attempt failed.
  std::function<void(const std::string& what)> on_event;
};

struct Fetched {
  std::filesystem::path file;
  bool was_there = false;          // and whole: nothing was fetched
  std::uint64_t resumed_from = 0;  // bytes of an earlier download that were gone on from
};

// The file appears complete, with the right size and SHA-256, or not at all: until then the download has a
// temporary name. What an interrupted transfer received is kept, and the next call resumes there. Of several
// calls, also from different processes, one downloads and the others wait. An existing file with other
// content is replaced. Throws Error(kIo) if it cannot be fetched, saying what to do without a network;
// Error(kBadModel) if the server sends another file.
Fetched fetch(const Published& entry, const std::filesystem::path& folder, const FetchOptions& options = {});

}  // namespace anomalyvlm::store
