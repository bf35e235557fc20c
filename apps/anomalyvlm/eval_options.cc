#include "eval_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "bits_option.h"
#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "core/threads.h"
#include "detector_options.h"
#include "eval/run/collect.h"
#include "eval/run/command_line.h"
#include "eval/run/make_plan.h"
#include "option_checks.h"
#include "output.h"
#include "progress.h"
#include "references_option.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;
using eval::Json;
using eval::RunPlan;

constexpr int kLargestSide = 8192;

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const eval::Layout& layout : eval::layouts()) names.emplace_back(layout.name);
  return names;
}

// Records the machine and the models, for tables of time and memory: an entry for each call that ran images,
// and the largest peak memory.
void note_machine(const fs::path& file, const LoadedDetector& detector, int jobs, std::size_t images) {
  Json calls = Json::array();
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    const Json earlier = Json::parse(read_file(file), nullptr, false);
    if (earlier.is_object() && earlier.contains("calls")) calls = earlier["calls"];
  }
  calls.push_back({{"images", images},
                   {"cpu", cpu_name()},
                   {"threads", thread_count()},
                   {"jobs", jobs},
                   {"engine", detector.engine->description()},
                   {"peak_memory_bytes", peak_memory_bytes()}});
  std::size_t peak = 0;
  for (const Json& call : calls) peak = std::max(peak, call.value("peak_memory_bytes", std::size_t{0}));
  Json models = Json::array();  // those of all calls: a run goes on with the same only
  for (const LoadedModel& model : detector.method->models())
    models.push_back({{"id", model.id}, {"parameters", model.parameters}});
  const Json machine = {{"peak_memory_bytes", peak},
                        {"parameters", detector.method->parameters()},
                        {"models", models},
                        {"calls", calls}};
  write_file_atomically(file, machine.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

EvalOptions::EvalOptions(CLI::App& app, const std::string& default_out)
    : prompt_options_(app, "--prompt"), default_out_(default_out), app_(&app) {
  Given& g = *given_;
  constexpr const char* kData = "Data set";
  app.add_option("--dataset", g.dataset, fmt::format("Its layout: {}", fmt::join(dataset_names(), ", ")))
      ->required()
      ->type_name("LAYOUT")
      ->check(CLI::Validator(
          [](const std::string& text) { return complaint([&] { eval::layout_named(text); }); }, "", ""))
      ->group(kData);
  app.add_option("--root", g.root, "Its folder")->required()->type_name("DIR")->group(kData);
  app.add_option("--categories", g.categories,
                 "Only these, as in bottle,cable; by default all that are there")
      ->delimiter(',')
      ->type_name("NAMES")
      ->group(kData);
  app.add_option("--split", g.split, "train, test or all; by default what the paper took")
      ->check(one_of({"train", "test", "all"}))
      ->group(kData);
  app.add_option(
         "--mask-above", g.mask_above,
         "A pixel of a mask is a defect where its grey level is above this; by default the layout's own")
      ->type_name("LEVEL")
      ->check(whole_number(0, 254, "a grey level"))
      ->group(kData);
  declare_bits(app, g.bits, "the most that any of them seems to use", kData);
  app.add_option(
         "--masks-orientation", g.masks_orientation,
         "Masks and annotations of images that EXIF turns were drawn on the stored pixels, on the upright "
         "image, or as their sizes and the images tell: stored, upright, auto")
      ->check(one_of({"stored", "upright", "auto"}))
      ->capture_default_str()
      ->group(kData);
  app.add_option("--limit", g.limit, "At most N images of each category, spread over its kinds; 0: all")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000))
      ->capture_default_str()
      ->group(kData);
  CLI::Option* const references =
      app.add_option(
             "--references", g.references,
             "Compares with N good images of each category, of the training split where there is one, "
             "else of the good ones, which are not judged then")
          ->type_name("N")
          ->check(whole_number(1, kMostReferences))
          ->group(kData);
  for (CLI::Option* const option : declare_reference_options(app, g.reference, kData))
    option->needs(references);
  app.add_option("--leave-out-references", g.left_out,
                 "Leaves out the images that --references N takes, without comparing with them: for the same "
                 "images in both runs")
      ->type_name("N")
      ->check(whole_number(1, kMostReferences))
      ->excludes(references)
      ->group(kData);
  app.add_flag("--mutual", g.mutual,
               "Compares each image with the other ones of its category, without knowing which are good")
      ->excludes(references)
      ->group(kData);
  app.add_option("--seed", g.seed, "Which good images are taken")
      ->type_name("S")
      ->capture_default_str()
      ->group(kData);
  app.add_option("--prompts", g.prompts, "Folder of prompt packs; by default the program's own")
      ->type_name("DIR")
      ->group(kData);
  app.add_option("--out", g.out,
                 fmt::format("Folder of the run, made or continued; by default {}DATASET", default_out))
      ->type_name("DIR");
  app.add_option("--side", g.side,
                 "Images are squashed to N x N and judged there; 0: their own size. By default 256 as in the "
                 "paper, 400 for profile saa-plus, 0 with --tile")
      ->type_name("N")
      ->check(whole_number(16, kLargestSide, "the side in pixels", "the image's own size"));
  app.add_option(
         "--score-limit", g.score_limit,
         "Image score from which an image counts as not OK, for verdicts and false alarms; by default the "
         "prompt's, or that of the best image F1")
      ->type_name("SCORE")
      ->check(positive_number());
  app.add_option("--jobs", g.jobs, "Images at the same time")
      ->type_name("N")
      ->check(whole_number(1, kMostThreads))
      ->capture_default_str();
  declare_detector(app, g.detector);
  for (const CLI::Option* option : app.get_options()) own_.insert(option->get_name());
}

fs::path EvalOptions::out() const {
  return given_->out.empty() ? default_out_ + given_->dataset : given_->out;
}

EvalOptions::Data EvalOptions::data() const {
  const Given& g = *given_;
  eval::DatasetOptions choice{.split = g.split, .categories = g.categories, .bits = g.bits};
  if (g.mask_above >= 0) choice.mask_above = g.mask_above;
  if (g.masks_orientation == "stored") choice.masks_orientation = eval::MasksOrientation::kStored;
  if (g.masks_orientation == "upright") choice.masks_orientation = eval::MasksOrientation::kUpright;
  Data data{eval::open_dataset(g.dataset, g.root, choice), {}};
  if (const std::size_t count = std::max(g.references, g.left_out); count > 0)
    data.references = eval::take_references(
        data.dataset, eval::training_split(g.dataset, g.root, choice, data.dataset), count, g.seed);
  eval::limit_samples(data.dataset, g.limit);
  return data;
}

RunPlan EvalOptions::plan(const Data& data, const DetectorOptions& loaded, bool compare_phrases) const {
  const Given& g = *given_;
  return eval::make_plan(
      {.layout = g.dataset,
       .root = g.root,
       .dataset = data.dataset,
       .detector = loaded,
       .side = g.side >= 0 ? std::optional(g.side) : std::nullopt,
       .bits = g.bits,
       .prompts = g.prompts,
       .prompt_over = [this](const HybridPrompt& base) { return prompt_options_.over(base); },
       .score_limit = g.score_limit,
       .references = data.references,
       .compares = g.references > 0,
       .reference_options = g.reference,
       .mutual = g.mutual,
       .compare_phrases = compare_phrases});
}

EvalOptions::Run EvalOptions::run(bool compare_phrases) const {
  const LoadedDetector detector = load_detector(given_->detector);
  const Data data = this->data();
  Run run{.plan = plan(data, detector.options, compare_phrases),
          .judge = detector.method->judge(),
          .folder = {},
          .failures = {}};
  run.plan.assumed_bits = eval::common_bits(run.plan);
  note_common_bits(run.plan.assumed_bits);
  if (!compare_phrases) {  // an earlier study in this folder asked more prompts; its results serve as well
    RunPlan more = plan(data, detector.options, true);
    more.assumed_bits = run.plan.assumed_bits;
    if (eval::RunFolder::holds(out(), more)) run.plan = std::move(more);
  }
  run.folder = std::make_unique<eval::RunFolder>(out(), run.plan);
  run.folder->check_models(ids_of(detector.method->models()));
  write_notes(run.folder->notes());
  const std::size_t before = run.folder->done(), all = run.plan.images();
  if (before > 0) note("{} of {} images are done already.", before, all);
  if (before == all) return run;
  Progress progress(all, " images", std::chrono::seconds(30));
  progress.show(before, "");
  run.failures = eval::collect(
      run.plan, detector, *run.folder,
      {.jobs = given_->jobs,
       .command = command(),
       .progress = [&](std::size_t done, std::size_t, const auto& id) { progress.show(done, id); }});
  progress.clear();
  for (const std::string& failure : run.failures) report("{}", failure);
  if (run.folder->done() == 0) fail(ErrorKind::kBadInput, "None of the {} images could be used.", all);
  note_machine(out() / "machine.json", detector, given_->jobs, run.folder->done() - before);
  return run;
}

std::string EvalOptions::command() const {
  std::string line = "anomalyvlm " + app_->get_name();
  for (const CLI::Option* option : app_->get_options()) {
    const bool flag = option->get_items_expected_max() == 0;
    if (flag && !option->empty()) line += " " + option->get_name();
    for (const std::string& value : flag ? std::vector<std::string>{} : option->results())
      line += fmt::format(" {} {}", option->get_name(), eval::shell_word(value));
  }
  return line;
}

void EvalOptions::require_beside(const MethodEntry& method) const {
  if (method.references == ReferenceUse::kRequired && given_->references + given_->left_out == 0)
    throw UsageError(
        fmt::format("The method {} compares images with good ones: give --references N, or "
                    "--leave-out-references N where no other method is to compare with them.",
                    method.name));
  as_usage([&] { require_weights_of({.method = method.name}); });
}

std::vector<std::string> EvalOptions::with_model(const std::string& model, const fs::path& out) const {
  return arguments({{"--model", model}, {"--out", out.string()}});
}

std::vector<std::string> EvalOptions::with_method(const MethodEntry& method, int side,
                                                  const fs::path& out) const {
  Changes changes{{"--method", method.name}, {"--out", out.string()}, {"--side", fmt::format("{}", side)}};
  const auto without = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) changes[name] = std::nullopt;
  };
  without({"--model", "--profile", "--proposal-side", "--score-limit"});
  if (!method.takes_words) without({"--phrases", "--only-named"});
  if (!method.takes_object) without({"--object", "--object-count"});
  const std::string count = fmt::format("{}", std::max(given_->references, given_->left_out));
  if (method.references == ReferenceUse::kRequired) {
    without({"--leave-out-references"});
    changes["--references"] = count;
  }
  if (method.references == ReferenceUse::kNone) {
    without({"--references", "--rotations", "--variations", "--nearby", "--mutual"});
    if (count != "0") changes["--leave-out-references"] = count;
  }
  return arguments(changes);
}

std::vector<std::string> EvalOptions::arguments(const Changes& changes) const {
  std::vector<std::string> list{"eval"};
  if (quiet()) list.emplace_back("--quiet");
  for (const auto& [name, value] : changes)
    if (value) list.push_back(name + "=" + *value);
  for (const CLI::Option* option : app_->get_options()) {
    const std::string name = option->get_name();
    if (option->empty() || changes.contains(name) || !own_.contains(name)) continue;
    for (const std::string& value : option->results()) list.push_back(name + "=" + value);
  }
  return list;
}

}  // namespace anomalyvlm::cli
