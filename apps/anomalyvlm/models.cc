// anomalyvlm models: published weights, from the web into the folder and into the form that loads fastest.
#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "option_checks.h"
#include "progress.h"
#include "store/convert/convert.h"
#include "store/convert/random.h"
#include "store/fetch/fetch.h"
#include "store/folder.h"
#include "weights/grounding_dino_names.h"
#include "weights/shown.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;
using store::Architecture;
using store::Published;
using store::Stock;

std::string megabytes(std::uint64_t bytes) {
  return bytes == 0 ? "?" : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void line(std::string_view name, std::string_view value) { show("{:<13} {}\n", name, value); }

std::string state_of(const Published& entry, const Stock& stock) {
  std::vector<std::string> state;
  if (stock.there) state.emplace_back("there");
  if (stock.bytes > 0 && !stock.there) state.emplace_back("not whole");
  if (stock.fetched > 0 && entry.bytes > 0)
    state.push_back(fmt::format("{} % fetched", 100 * stock.fetched / entry.bytes));
  if (!stock.f32.empty()) state.emplace_back("converted");
  if (!stock.bf16.empty()) state.emplace_back("converted to bfloat16");
  return state.empty() ? "-" : fmt::format("{}", fmt::join(state, ", "));
}

Exit list() {
  const fs::path folder = store::models_folder();
  show("{:<23} {:>10}  {:<13} {:<22} {}\n", "name", "size", "licence", "state", "what it is");
  for (const Published& entry : store::published())
    show("{:<23} {:>10}  {:<13} {:<22} {}\n", entry.name, megabytes(entry.bytes), entry.licence,
         state_of(entry, store::stock_of(entry, folder)), entry.summary);
  for (const store::PublishedSet& set : store::published_sets())
    show("{:<23} {}: {}\n", set.name, set.summary, fmt::join(set.members, ", "));
  show("folder: {}\n", folder.string());
  return kFine;
}

// ---- info

// What a weight file says about itself, for one line: anything may stand in it.
std::string readable(const std::string& value) {
  constexpr std::size_t kLongest = 1000;
  const auto lines = std::count(value.begin(), value.end(), '\n');
  if (lines > 0) return fmt::format("{} lines", lines);
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return plain && value.size() <= kLongest ? value : shown(value);
}

void print_weights(const fs::path& path) {
  const auto read = load_weights(path);
  const auto file = with_authors_names(read);
  std::set<std::string_view> types;
  std::int64_t parameters = 0;
  for (const auto& [name, tensor] : read->tensors()) {
    types.insert(name_of(tensor.dtype()));
    parameters += tensor.size();
  }
  line("file", path.string());
  line("tensors", fmt::format("{} of {:.1f} million numbers, {}", read->size(),
                              static_cast<double>(parameters) / 1e6, fmt::join(types, ", ")));
  if (has_hugging_face_names(*read)) line("names", "Hugging Face's");
  const Architecture* architecture = store::architecture_of(*file);
  line("weights of", architecture ? architecture->name : "no architecture that is known here");
  for (const auto& [key, value] : read->metadata()) line(shown(key), readable(value));
}

void print_published(const Published& entry) {
  const Stock stock = store::stock_of(entry, store::models_folder());
  line("name", entry.name);
  line("what it is", entry.summary);
  line("licence", entry.licence);
  line("size", entry.bytes > 0 ? fmt::format("{} bytes", entry.bytes) : "not known beforehand");
  line("SHA-256", entry.sha256);
  line("from", entry.url.empty() ? entry.note : entry.url);
  line("architecture", entry.architecture.empty() ? "-" : entry.architecture);
  line("belongs to", stock.file.string());
  line("state", state_of(entry, stock));
  if (entry.architecture.empty()) return;
  for (const fs::path& path : {stock.there ? stock.file : fs::path(), stock.f32, stock.bf16})
    if (!path.empty()) print_weights(path);
}

Exit info(const std::string& what) {
  if (const Published* entry = store::find_published(what))
    print_published(*entry);
  else
    print_weights(what);
  return kFine;
}

// ---- fetch

std::vector<const Published*> members_of(const std::vector<std::string>& names) {
  std::vector<const Published*> entries;
  for (const std::string& name : names) {
    const auto sets = store::published_sets();
    const auto set = std::find_if(sets.begin(), sets.end(), [&](const auto& s) { return s.name == name; });
    if (set == sets.end()) entries.push_back(&store::published_named(name));
    if (set == sets.end()) continue;
    for (const std::string_view member : set->members) entries.push_back(&store::published_named(member));
  }
  return entries;
}

// On a terminal's last line, ten times a second.
class FetchProgress {
 public:
  explicit FetchProgress(const Published& entry) : entry_(entry) {}
  void show(std::uint64_t done, std::uint64_t total) {
    if (total == 0) return;
    const bool large = total >= 10'000'000;
    const std::uint64_t unit = large ? 1'000'000 : 1000;
    if (!bar_) bar_.emplace(static_cast<std::size_t>(total / unit), large ? " MB" : " kB");
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100) && done < total) return;
    last_ = now;
    bar_->show(static_cast<std::size_t>(done / unit), std::string(entry_.file));
  }
  void clear() {
    if (bar_) bar_->clear();
  }

 private:
  const Published& entry_;
  std::optional<Progress> bar_;
  std::chrono::steady_clock::time_point last_{};
};

void fetch_one(const Published& entry, const std::string& mirror) {
  FetchProgress progress(entry);
  store::FetchOptions options;
  options.mirror = mirror;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  options.on_event = [&](const std::string& what) {
    progress.clear();
    note("{}", what);
  };
  const store::Fetched fetched = store::fetch(entry, store::models_folder(), options);
  progress.clear();
  show("{}{}\n", fetched.file.string(), fetched.was_there ? " (was there)" : "");
  std::fflush(stdout);
}

// What fails does not stop the others.
Exit fetch(const std::vector<std::string>& names, const std::string& mirror) {
  Exit exit = kFine;
  for (const Published* entry : as_usage([&] { return members_of(names); })) {
    try {
      fetch_one(*entry, mirror);
    } catch (const Error& error) {
      report("{}", error.what());
      exit = kFailed;
    }
  }
  return exit;
}

// ---- verify

bool verified(const std::function<void()>& verify, const fs::path& file) {
  try {
    verify();
    show("fine  {}\n", file.string());
    return true;
  } catch (const Error& error) {
    report("{}", error.what());
    return false;
  }
}

// All that is there of one entry; of a named one something must be.
bool verify_stock(const Published& entry, bool named) {
  const Stock stock = store::stock_of(entry, store::models_folder());
  if (named && stock.f32.empty() && stock.bf16.empty() && stock.bytes == 0)
    return verified([&] { store::locate(entry); }, stock.file);
  bool fine = true;
  if (stock.bytes > 0) fine = verified([&] { store::verify_published(entry, stock.file); }, stock.file);
  for (const fs::path& file : {stock.f32, stock.bf16})
    if (!file.empty()) fine = verified([&] { store::verify_converted(file); }, file) && fine;
  return fine;
}

Exit verify(const std::vector<std::string>& names) {
  bool fine = true;
  for (const std::string& name : names) {
    const Published* entry = store::find_published(name);
    fine =
        (entry ? verify_stock(*entry, true) : verified([&] { store::verify_converted(name); }, name)) && fine;
  }
  for (const Published& entry : store::published())
    if (names.empty()) fine = verify_stock(entry, false) && fine;
  return fine ? kFine : kFailed;
}

// ---- convert and random

struct SaveArguments {
  std::string what, out, precision = "f32", architecture, vocabulary;
  std::uint64_t seed = 0;
};

void declare_save(CLI::App& app, SaveArguments& a) {
  app.add_option("--precision", a.precision, "Of matrices: f32, or bf16 for half the size; vectors stay f32")
      ->check(one_of({"f32", "bf16"}))
      ->capture_default_str();
  app.add_option(
      "--vocabulary", a.vocabulary,
      "vocab.txt to put inside, for models that read words; by default the fetched bert-vocabulary");
}

store::SaveOptions save_options(const SaveArguments& a) {
  const Published& words = store::published_named("bert-vocabulary");
  return {a.precision == "bf16", a.vocabulary, store::stock_of(words, store::models_folder()).file};
}

Exit convert(const SaveArguments& a) {
  fs::path from = a.what;
  if (const Published* entry = store::find_published(a.what)) {
    const Stock stock = store::stock_of(*entry, store::models_folder());
    from = stock.there ? stock.file : store::locate(*entry);
  }
  const store::SaveOptions options = save_options(a);
  const fs::path to = a.out.empty() ? store::converted_path(from, options.bf16) : fs::path(a.out);
  const store::Converted done = store::convert(from, to, a.architecture, options);
  show("{}: {}, {} tensors, {}; {} that no model reads were left out\n", to.string(), done.architecture->name,
       done.tensors, megabytes(fs::file_size(to)), done.left_out.size());
  if (done.lacks_words)
    note(
        "It has no vocabulary inside: run 'anomalyvlm models fetch bert-vocabulary' before, or give "
        "--vocabulary.");
  return kFine;
}

Exit random(const SaveArguments& a) {
  const Published* entry = store::find_published(a.what);
  const Architecture& architecture = *as_usage([&] {
    return &store::architecture_named(entry && !entry->architecture.empty() ? entry->architecture : a.what);
  });
  store::write_random(architecture, a.out, a.seed, save_options(a));
  show("{}: {}, {}\n", a.out, architecture.name, megabytes(fs::file_size(a.out)));
  return kFine;
}

// ---- the command line

using Commands = std::vector<std::pair<CLI::App*, Command>>;

void add_looking(CLI::App& app, Commands& commands) {
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto what = std::make_shared<std::string>();
  commands.emplace_back(app.add_subcommand("list", "What there is, and what of it is here"), list);
  CLI::App* sub =
      app.add_subcommand("info", "Tells all about published weights, or what a weight file holds");
  sub->add_option("NAME|FILE", *what)->required();
  commands.emplace_back(sub, [=] { return info(*what); });
  sub = app.add_subcommand("verify", "Compares files that are here with their SHA-256");
  sub->add_option("NAME|FILE", *names, "Published or converted weights; by default all that are here");
  commands.emplace_back(sub, [=] { return verify(*names); });
}

void add_fetching(CLI::App& app, Commands& commands) {
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto mirror = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("fetch", "Downloads weights; goes on where it was interrupted");
  sub->add_option("NAME", *names, "Weights or a set of them, as 'models list' names them")->required();
  sub->add_option(
      "--mirror", *mirror,
      "Take the files from below this URL, or this folder; by default $ANOMALYVLM_MIRROR, else the "
      "publishers' URLs");
  commands.emplace_back(sub, [=] { return fetch(*names, *mirror); });
}

void add_writing(CLI::App& app, Commands& commands) {
  const auto a = std::make_shared<SaveArguments>();
  CLI::App* sub =
      app.add_subcommand("convert", "Writes weights as safetensors that load at once and say what they are");
  sub->add_option("NAME|FILE", a->what, "Fetched weights, or a torch or safetensors file")->required();
  sub->add_option("--out", a->out,
                  "By default beside the source, with the ending .safetensors or .bf16.safetensors");
  sub->add_option("--architecture", a->architecture, "By default the one that the names of its tensors tell");
  declare_save(*sub, *a);
  commands.emplace_back(sub, [=] { return convert(*a); });
  sub = app.add_subcommand("random", "Writes full-size weights drawn by chance, for benchmarks and tests");
  sub->add_option("NAME", a->what, "Published weights or an architecture")->required();
  sub->add_option("--out", a->out, "File to write")->required();
  sub->add_option("--seed", a->seed, "The same seed gives the same weights")->capture_default_str();
  declare_save(*sub, *a);
  commands.emplace_back(sub, [=] { return random(*a); });
}

}  // namespace

Command add_models(CLI::App& app) {
  app.require_subcommand(1);
  app.footer(
      "The folder is $ANOMALYVLM_MODELS, else $XDG_DATA_HOME/anomalyvlm/models, else "
      "~/.local/share/anomalyvlm/models.");
  Commands commands;
  add_looking(app, commands);
  add_fetching(app, commands);
  add_writing(app, commands);
  return [commands] {
    for (const auto& [sub, run] : commands)
      if (sub->parsed()) return run();
    return kUsage;
  };
}

}  // namespace anomalyvlm::cli
