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
  int tries = 5;                          // in a row that bring next to nothing, before giving up
  int most_tries = 200;                   // in all
  std::chrono::milliseconds pause{1000};  // before the second try; doubled before each further one
  int slowest = 1000;                     // bytes a second; a connection that is slower
  int stalled_seconds = 60;               // for so long counts as broken
  std::uint64_t most_bytes = std::uint64_t{1} << 30;  // of a file whose size the catalog does not know
  // Bytes that are there and that will be; 0: not known. Often.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;
  // A sentence on what happens: another process is waited for, a try failed.
  std::function<void(const std::string& what)> on_event;
};

struct Fetched {
  std::filesystem::path file;
  bool was_there = false;          // and whole: nothing was fetched
  std::uint64_t resumed_from = 0;  // bytes of an earlier download that were gone on from
};

// The file is whole, of the right size and SHA-256, or not there: what is fetched has another name until
// then. What a broken transfer brought is kept, and the next call goes on there. Of several calls, processes
// too, one fetches and the others wait. A file of that name which is not what it should be is replaced.
// Throws Error(kIo) when it cannot be had, saying what to do without a network; Error(kBadModel) when the
// server gives another file.
Fetched fetch(const Published& entry, const std::filesystem::path& folder, const FetchOptions& options = {});

}  // namespace anomalyvlm::store
