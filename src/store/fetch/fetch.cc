#include "store/fetch/fetch.h"

#include <cstdlib>
#include <thread>

#include "core/check.h"
#include "core/files.h"
#include "core/folders.h"
#include "store/fetch/transfer.h"
#include "store/folder.h"

namespace anomalyvlm::store {

namespace fs = std::filesystem;

namespace {

bool is_what_it_should_be(const Published& entry, const fs::path& file) {
  std::error_code none;
  if (!fs::exists(file, none)) return false;
  try {
    verify_published(entry, file);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string url_of(const Published& entry, const FetchOptions& options) {
  const char* from_environment = std::getenv("ANOMALYVLM_MIRROR");
  const std::string mirror = !options.mirror.empty() ? options.mirror
                             : from_environment      ? from_environment
                                                     : "";
  return mirror.empty() ? std::string(entry.url) : fmt::format("{}/{}", as_base_url(mirror), entry.file);
}

// One call of fetch(), once the unfinished file is ours.
class Download {
 public:
  Download(const Published& entry, const fs::path& folder, const FetchOptions& options, GrowingFile& file)
      : entry_(entry), folder_(folder), options_(options), url_(url_of(entry, options)), file_(file) {}

  // Until all bytes are there.
  void run() {
    if (file_.size() > most_bytes()) file_.shorten(0);
    std::uint64_t from = file_.size(), reached = from;
    auto pause = options_.pause;
    for (int failed = 0, tries = 1; entry_.bytes == 0 || from < entry_.bytes; from = file_.size(), ++tries) {
      Transfer outcome = attempt(from);
      if (outcome.result == Transferred::kNoResume && from > 0) {
        if (is_whole()) return;
        outcome = attempt(0);
      }
      if (outcome.result == Transferred::kDone) return require_whole();
      ++failed;
      if (file_.size() >= from + kLeastProgress && file_.size() > reached) {
        failed = 0;
        pause = options_.pause;
        reached_ = true;
        reached = file_.size();
      }
      const bool may_help = outcome.result == Transferred::kInterrupted ||
                            (outcome.result == Transferred::kUnreachable && reached_);
      if (!may_help || failed >= options_.tries || tries >= options_.most_tries) give_up(outcome.why);
      event(fmt::format("{}: {}; trying again", entry_.file, outcome.why));
      std::this_thread::sleep_for(pause);
      pause *= 2;
    }
  }

  // The download is not the catalog's file; it is not kept.
  [[noreturn]] void refuse(const std::string& what) {
    file_.shorten(0);
    refuse_to_begin(what);
  }

 private:
  // The bytes an attempt must receive for further ones to be worthwhile: a server may cut every connection
  // early.
  static constexpr std::uint64_t kLeastProgress = 1000;

  std::uint64_t most_bytes() const { return entry_.bytes > 0 ? entry_.bytes : options_.most_bytes; }

  bool is_whole() const { return is_what_it_should_be(entry_, unfinished_path(folder_ / entry_.file)); }

  Transfer attempt(std::uint64_t from) {
    received_ = 0;
    TransferRequest request;
    request.url = url_;
    request.from = from;
    request.slowest = options_.slowest;
    request.stalled_seconds = options_.stalled_seconds;
    request.on_size = [&](std::uint64_t bytes) {
      if (entry_.bytes > 0 && bytes != entry_.bytes)
        refuse_to_begin(fmt::format("it has {} bytes instead of {}", bytes, entry_.bytes));
      if (bytes > most_bytes()) refuse_to_begin(fmt::format("it has {} bytes", bytes));
      total_ = bytes;
      require_space(bytes - from);
    };
    request.on_data = [&](std::span<const std::uint8_t> bytes) {
      if (received_ == 0 && file_.size() > from) file_.shorten(0);  // the server cannot go on in the middle
      received_ += bytes.size();
      if (file_.size() + bytes.size() > most_bytes())
        refuse(fmt::format("it has more than {} bytes", most_bytes()));
      file_.append(bytes);
      if (options_.on_progress) options_.on_progress(file_.size(), std::max(entry_.bytes, total_));
    };
    return transfer(request);
  }

  void require_whole() {
    if (file_.size() < entry_.bytes) refuse(fmt::format("it ends after {} bytes", file_.size()));
  }

  [[noreturn]] void refuse_to_begin(const std::string& what) const {
    fail(ErrorKind::kBadModel, "{} is not the file that it should be: {}; {}.", without_secrets(url_), what,
         by_hand(entry_, folder_));
  }

  void require_space(std::uint64_t bytes) const {
    std::error_code error;
    const fs::space_info space = fs::space(folder_, error);
    if (!error && space.available < bytes)
      fail(ErrorKind::kIo,
           "{} needs {} more bytes, but '{}' has room for {}; make room, or set ANOMALYVLM_MODELS "
           "to another folder.",
           entry_.file, bytes, folder_.string(), space.available);
  }

  [[noreturn]] void give_up(const std::string& why) const {
    const std::string kept =
        file_.size() == 0
            ? ""
            : fmt::format(" The {} bytes that came are kept, and the same command goes on there.",
                          file_.size());
    fail(ErrorKind::kIo, "{} could not be fetched from {} ({}). Without a network, {}.{}", entry_.file,
         without_secrets(url_), why, by_hand(entry_, folder_), kept);
  }

  void event(const std::string& what) const {
    if (options_.on_event) options_.on_event(what);
  }

  const Published& entry_;
  const fs::path& folder_;
  const FetchOptions& options_;
  std::string url_;
  GrowingFile& file_;
  std::uint64_t total_ = 0;     // bytes of the whole file, as the server says
  std::uint64_t received_ = 0;  // bytes, by this attempt
  bool reached_ = false;        // an attempt brought something
};

// Completes the unfinished file and renames it. Returns false if its beginning belonged to another file: it
// is then removed, and must be fetched from the beginning.
bool complete(const Published& entry, const fs::path& folder, const FetchOptions& options,
              GrowingFile& file) {
  const bool resumed = file.size() > 0;
  const fs::path target = folder / entry.file;
  try {
    Download download(entry, folder, options, file);
    download.run();
    if (is_what_it_should_be(entry, unfinished_path(target))) {
      file.become(target);
      forbid_others_to_write(target);
      return true;
    }
    if (!resumed) download.refuse(fmt::format("its SHA-256 is not {}", entry.sha256));
    file.shorten(0);
    file.remove();
    return false;
  } catch (...) {
    if (file.size() == 0) file.remove();
    throw;
  }
}

}  // namespace

Fetched fetch(const Published& entry, const fs::path& folder, const FetchOptions& options) {
  require_folder(folder);
  const fs::path target = folder / entry.file;
  if (is_what_it_should_be(entry, target)) return {target, true};
  if (url_of(entry, options).empty())
    fail(ErrorKind::kIo, "{} cannot be fetched by itself: {}.", entry.file, by_hand(entry, folder));
  make_own_folder(folder);
  require_trusted(folder, folder);  // rather now than after the download
  const auto tell = [&](const char* what) {
    if (options.on_event) options.on_event(fmt::format("{}: {}", entry.file, what));
  };
  for (;;) {
    GrowingFile file(unfinished_path(target), [&] { tell("another process fetches it; waiting"); });
    if (is_what_it_should_be(entry, target)) {  // by who had it before
      file.remove();
      return {target, true};
    }
    const std::uint64_t before = file.size();
    if (complete(entry, folder, options, file)) return {target, false, before};
    tell("the bytes of an earlier download belong to another file; from the beginning");
  }
}

}  // namespace anomalyvlm::store
