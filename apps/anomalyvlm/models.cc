// anomalyvlm models: lists, downloads, verifies and converts published weights.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>

#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "core/printable.h"
#include "models/catalog/architectures.h"
#include "models_info.h"
#include "option_checks.h"
#include "progress.h"
#include "store/convert/convert.h"
#include "store/convert/random.h"
#include "store/fetch/fetch.h"
#include "store/folder.h"
#include "weights/safetensors_writer.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;
using catalog::Published;
using store::Stock;

// ---- fetch

std::vector<const Published*> members_of(const std::vector<std::string>& names) {
  std::vector<const Published*> entries;
  for (const std::string& name : names) {
    const catalog::PublishedSet* set = catalog::find_set(name);
    if (set == nullptr) entries.push_back(&catalog::published_named(name));
    if (set == nullptr) continue;
    for (const std::string_view member : set->members) entries.push_back(&catalog::published_named(member));
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

// A failure does not stop the others.
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
    show("fine  {}\n", printable(file.string()));
    return true;
  } catch (const Error& error) {
    report("{}", error.what());
    return false;
  }
}

// All files of one entry; an entry that was named must have at least one.
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

bool verify_named(const std::string& name) {
  if (const Published* entry = catalog::find_published(name)) return verify_stock(*entry, true);
  const fs::path file = name == kEmbedded ? embedded_file() : fs::path(name);
  if (catalog::find_set(name) == nullptr) return verified([&] { store::verify_converted(file); }, file);
  bool fine = true;
  for (const Published* member : members_of({name})) fine = verify_stock(*member, true) && fine;
  return fine;
}

// Published weights, whatever their state.
Exit verify_all() {
  bool fine = true, any = false;
  const fs::path folder = store::models_folder();
  store::require_folder(folder);
  for (const Published& entry : catalog::published()) {
    const Stock stock = store::stock_of(entry, folder);
    any = any || stock.bytes > 0 || !stock.f32.empty() || !stock.bf16.empty();
    fine = verify_stock(entry, false) && fine;
  }
  if (!any)
    fail(ErrorKind::kIo,
         "There are no published weights in '{}', so nothing was verified; 'anomalyvlm models list' "
         "shows what can be fetched.",
         folder.string());
  return fine ? kFine : kFailed;
}

Exit verify(const std::vector<std::string>& names) {
  if (names.empty()) return verify_all();
  bool fine = true;
  for (const std::string& name : names) fine = verify_named(name) && fine;
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
  return {a.precision == "bf16", a.vocabulary, store::models_folder()};
}

Exit convert(const SaveArguments& a) {
  fs::path from = a.what;
  if (const Published* entry = catalog::find_published(a.what)) {
    const Stock stock = store::stock_of(*entry, store::models_folder());
    from = stock.there ? stock.file : store::locate(*entry);
  }
  const store::SaveOptions options = save_options(a);
  const fs::path to = a.out.empty() ? store::converted_path(from, options.bf16) : fs::path(a.out);
  const store::Converted done = store::convert(from, to, a.architecture, options);
  show("{}: {}, {} tensors, {}; {} that no model reads were left out\n", to.string(), done.architecture->name,
       done.tensors, megabytes(fs::file_size(to)), done.left_out.size());
  if (done.lacks_words)
    note("It has no vocabulary inside: run 'anomalyvlm models fetch {}' before, or give --vocabulary.",
         done.architecture->vocabulary);
  return kFine;
}

Exit random(const SaveArguments& a) {
  const Published* entry = catalog::find_published(a.what);
  const Architecture& architecture = *as_usage([&] {
    return entry && entry->architecture ? entry->architecture : &catalog::architecture_named(a.what);
  });
  store::write_random(architecture, a.out, a.seed, save_options(a));
  show("{}: {}, {}\n", a.out, architecture.name, megabytes(fs::file_size(a.out)));
  return kFine;
}

Exit seal(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    seal_file(file);
    show("{}\n", printable(file));
  }
  return kFine;
}

// ---- the command line

// The text below a command's options.
void add_footer(CLI::App& command, std::string_view example, std::string_view another) {
  command.footer(fmt::format(
      "The folder is $ANOMALYVLM_MODELS, else $XDG_DATA_HOME/anomalyvlm/models, else "
      "~/.local/share/anomalyvlm/models.\n\nExamples:\n  anomalyvlm models {}\n  anomalyvlm models {}",
      example, another));
}

using Commands = std::vector<std::pair<CLI::App*, Command>>;

void add_looking(CLI::App& app, Commands& commands) {
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto what = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("list", "Lists published weights and those that are present");
  add_footer(*sub, "list", "list --log models.log");
  commands.emplace_back(sub, list_models);
  sub = app.add_subcommand("info", "Describes published weights, a model, or the contents of a weight file");
  sub->add_option("NAME|FILE", *what, "Published weights, nano, paper, saa-plus, or a weight file")
      ->required();
  add_footer(*sub, "info paper", "info trained.safetensors");
  commands.emplace_back(sub, [=] { return describe_model(*what); });
  sub = app.add_subcommand("verify", "Checks downloaded files against their SHA-256");
  sub->add_option("NAME|FILE", *names,
                  "Published weights, nano, paper, saa-plus, or sealed files; by default all published ones "
                  "that are here");
  add_footer(*sub, "verify", "verify nano mobile-sam");
  commands.emplace_back(sub, [=] { return verify(*names); });
}

void add_fetching(CLI::App& app, Commands& commands) {
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto mirror = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("fetch", "Downloads weights; resumes interrupted downloads");
  sub->add_option("NAME", *names, "Weights or a set of them, as 'models list' names them")->required();
  sub->add_option(
      "--mirror", *mirror,
      "Take the files from below this URL, or this folder; by default $ANOMALYVLM_MIRROR, else the "
      "publishers' URLs");
  add_footer(*sub, "fetch paper", "fetch mobile-sam sam-vit-b --mirror /mnt/share/models");
  commands.emplace_back(sub, [=] { return fetch(*names, *mirror); });
}

void add_writing(CLI::App& app, Commands& commands) {
  const auto a = std::make_shared<SaveArguments>();
  CLI::App* sub =
      app.add_subcommand("convert", "Writes weights as safetensors that load at once and say what they are");
  sub->add_option("NAME|FILE", a->what, "Fetched weights, or a torch or safetensors file")->required();
  sub->add_option("--out", a->out,
                  "By default beside the source, with the extension .safetensors or .bf16.safetensors");
  sub->add_option("--architecture", a->architecture, "By default recognised by the names of its tensors");
  declare_save(*sub, *a);
  add_footer(*sub, "convert mobile-sam",
             "convert model.safetensors --precision bf16 --out small.safetensors");
  commands.emplace_back(sub, [=] { return convert(*a); });
  const auto files = std::make_shared<std::vector<std::string>>();
  sub = app.add_subcommand("seal", "Writes a SHA-256 of a safetensors file into it, for 'models verify'");
  sub->add_option("FILE", *files,
                  "Safetensors files of your own, such as weights trained by an earlier version")
      ->required();
  add_footer(*sub, "seal trained.safetensors", "verify trained.safetensors");
  commands.emplace_back(sub, [=] { return seal(*files); });
  sub = app.add_subcommand("random",
                           "Writes full-size, randomly initialised weights, for benchmarks and tests");
  sub->add_option("NAME", a->what, "Published weights or an architecture")->required();
  sub->add_option("--out", a->out, "File to write")->required();
  sub->add_option("--seed", a->seed, "The same seed gives the same weights")->capture_default_str();
  declare_save(*sub, *a);
  add_footer(*sub, "random mobile-sam --out random.safetensors",
             "random sam-vit-b --out random.safetensors --seed 7 --precision bf16");
  commands.emplace_back(sub, [=] { return random(*a); });
}

}  // namespace

Command add_models(CLI::App& app) {
  app.require_subcommand(1);
  add_footer(app, "list", "fetch paper");
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
