#include "train/synthetic/phrases.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/check.h"

namespace anomalyvlm::synthetic {
namespace {

const char* const kGeneric[] = {"defect",          "anomaly",       "flaw",         "damage",
                                "abnormal region", "fault",         "imperfection", "irregularity",
                                "blemish",         "abnormality",   "damaged area", "defective region",
                                "anomalous area",  "quality issue", "failure"};

std::vector<FamilyWords> make_book() {
  return {
      {"scratch",
       {"scratch", "scrape", "score mark", "scuff line", "abrasion line", "groove", "surface scratch",
        "gouge"},
       {"thin", "long", "fine", "deep", "shallow", "straight", "bright", "light"}},
      {"crack",
       {"crack", "fracture", "fissure", "split", "hairline crack", "rupture", "surface crack"},
       {"thin", "dark", "jagged", "branching", "long", "fine", "open"}},
      {"hole",
       {"hole", "blowhole", "cavity", "pore", "void", "perforation", "gas hole", "puncture", "pit",
        "pitted surface"},
       {"dark", "round", "small", "deep", "large", "open"}},
      {"pinhole",
       {"pinhole", "poke", "prick", "pinprick", "poke mark", "needle hole", "small pit"},
       {"tiny", "small", "dark", "fine"}},
      {"spot",
       {"spot", "dot", "speck", "point", "speckle", "small mark", "fleck"},
       {"small", "dark", "bright", "tiny", "round", "black", "white"}},
      {"stain",
       {"stain", "blot", "dirt", "water mark", "discolored patch", "smudge", "soiling", "oil stain"},
       {"dark", "large", "faint", "brown", "irregular", "wet"}},
      {"colour",
       {"color", "colour", "color patch", "paint mark", "colored area", "color defect", "ink mark",
        "colour spot", "paint", "gray stroke", "stroke"},
       {"red", "bright", "wrong", "strange", "large"}},
      {"burn",
       {"burn", "scorch mark", "burnt area", "discoloration", "heat tint", "burn mark", "char", "melt",
        "melted area", "burnt spot"},
       {"dark", "brown", "black", "round"}},
      {"dent",
       {"dent", "impact mark", "depression", "squeeze", "bump", "indentation", "deformation", "dimple",
        "imprint", "bulged area", "squeezed area"},
       {"shallow", "round", "deep", "large", "small"}},
      {"break",
       {"break", "chip", "breakage", "broken edge", "chipped edge", "broken part", "edge damage",
        "broken corner", "notch", "large breakage", "small breakage", "mouse bite", "crumbled edge",
        "chipping", "damaged corner"},
       {"large", "small", "sharp", "rough"}},
      {"missing",
       {"missing part", "missing piece", "missing component", "gap", "absent part", "missing material",
        "lost part", "open circuit", "cut lead", "missing wire", "missing", "missing corner", "open"},
       {"large", "single"}},
      {"flake",
       {"flaking", "peeling", "worn area", "wear", "missing coating", "spall", "peeled coating", "patch",
        "bare patch"},
       {"large", "bright", "irregular", "worn"}},
      {"contamination",
       {"contamination", "foreign particle", "foreign body", "particle", "debris", "dust", "inclusion",
        "foreign object", "metal contamination", "crumb", "impurity", "residue particle", "grain",
        "short circuit", "spur", "spurious copper", "excess material", "bead"},
       {"small", "dark", "loose", "large", "metallic"}},
      {"thread",
       {"thread", "fibre", "fiber", "hair", "lint", "loose thread", "loose yarn", "string", "filament"},
       {"thin", "long", "curved", "dark", "white"}},
      {"fray",
       {"fray", "frayed edge", "fraying", "fluff", "frayed fibre", "ragged edge", "torn fibre", "fuzz",
        "frayed area"},
       {"loose", "rough", "torn"}},
      {"uneven",
       {"uneven shading", "uneven", "uneven surface", "unevenness", "uneven area", "shading", "mottling",
        "cloudiness", "uneven brightness"},
       {"large", "soft", "dark", "bright"}},
      {"rough",
       {"rough area", "rough", "scuff", "abrasion", "roughness", "worn surface", "scuffed area",
        "rubbed area", "polished area", "scuff mark"},
       {"large", "dull", "matt", "small"}},
      {"print",
       {"print", "print defect", "misprint", "faulty imprint", "white print", "smeared print",
        "printing error", "ink blot", "missing print"},
       {"white", "wrong", "faint", "double"}},
      {"wrinkle",
       {"wrinkle", "fold", "crease", "ripple", "buckle", "crinkle", "folded area"},
       {"long", "soft", "sharp", "deep"}},
      {"bubble",
       {"bubble", "blister", "air bubble", "air pocket", "bulge", "swelling", "raised area"},
       {"round", "small", "large", "raised"}},
      {"cut",
       {"cut", "slit", "slash", "incision", "tear", "knife cut", "cut mark", "rip"},
       {"long", "clean", "deep", "sharp", "open"}},
      {"glue",
       {"glue", "glue strip", "oil", "liquid", "droplet", "adhesive", "residue", "grease", "drip", "wax",
        "glue residue"},
       {"shiny", "clear", "transparent", "wet", "thick"}},
      {"corrosion",
       {"corrosion", "rust", "oxidation", "rust spot", "rusty area", "tarnish", "rust mark", "mould"},
       {"brown", "red", "rough", "heavy"}},
      {"bent",
       {"bent part", "bent", "distortion", "warped area", "bent wire", "bent lead", "deformed part", "twist"},
       {"slightly", "strongly"}},
      {"misplaced",
       {"misplaced part", "misplaced", "displacement", "shifted part", "flip", "misalignment",
        "wrong position", "swap", "turned part", "wrong part", "cable swap", "wrong type", "rotation"},
       {"clearly", "slightly"}},
      {"misweave",
       {"weaving fault", "broken yarn", "broken thread", "missing thread", "yarn defect", "pulled thread",
        "pattern fault", "missed stitch", "broken tooth", "misweave"},
       {"long", "single", "thick", "horizontal", "vertical"}},
      {"foreign",
       {"foreign material", "foreign texture", "mixed material", "wrong material", "tape", "combined defect",
        "combined", "overlay", "sticker", "foreign patch"},
       {"large", "different", "strange"}},
      {"smear",
       {"smear", "streak", "rub mark", "wipe mark", "drag mark", "trail", "mark", "trace", "dirty streak",
        "fingerprint", "finger mark"},
       {"long", "dark", "light", "faint"}},
      {"band",
       {"band", "stripe", "line", "roller mark", "line mark", "bright line", "dark line", "line defect",
        "banding"},
       {"long", "thin", "faint", "straight", "bright", "dark"}},
  };
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool ends_with_any(const std::string& word, std::initializer_list<const char*> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](const char* e) { return word.ends_with(e); });
}

// Words of stuff and bare adjectives, which have no plural.
bool has_no_plural(const std::string& noun) {
  static const std::array<const char*, 36> kNone = {
      "missing",       "open",      "chipping",   "damage",         "dirt",       "soiling",
      "discoloration", "melt",      "flaking",    "peeling",        "wear",       "contamination",
      "debris",        "dust",      "fraying",    "fluff",          "fuzz",       "uneven",
      "shading",       "mottling",  "cloudiness", "uneven shading", "unevenness", "rough",
      "roughness",     "oil",       "liquid",     "grease",         "glue",       "corrosion",
      "rust",          "oxidation", "bent",       "misplaced",      "combined",   "banding"};
  return std::find(kNone.begin(), kNone.end(), noun) != kNone.end() ||
         ends_with_any(noun, {"brightness", "coating", "material", "contamination", "lint", "paint"});
}

}  // namespace

std::string plural_of(const std::string& noun) {
  if (has_no_plural(noun)) return noun;
  if (ends_with_any(noun, {"s", "x", "ch", "sh"})) return noun + "es";
  const auto n = noun.size();
  if (n > 1 && noun[n - 1] == 'y' && std::string_view("aeiou").find(noun[n - 2]) == std::string_view::npos) {
    return noun.substr(0, n - 1) + "ies";
  }
  if (noun.ends_with("tooth")) return noun.substr(0, n - 5) + "teeth";
  return noun + "s";
}

Phrasebook::Phrasebook() : families_(make_book()) {}

const FamilyWords& Phrasebook::words_of(std::string_view family) const {
  for (const auto& words : families_) {
    if (words.family == family) return words;
  }
  fail(ErrorKind::kBadInput, "There is no defect family \"{}\": use one that defect_families() names.",
       family);
}

std::vector<std::string> Phrasebook::phrases_of(std::string_view family) const {
  std::vector<std::string> out;
  for (const auto& noun : words_of(family).nouns) {
    out.push_back(noun);
    if (auto plural = plural_of(noun); plural != noun) out.push_back(std::move(plural));
  }
  return out;
}

std::vector<std::string> Phrasebook::generic() const {
  std::vector<std::string> out;
  for (const char* noun : kGeneric) {
    out.emplace_back(noun);
    if (auto plural = plural_of(noun); plural != noun) out.push_back(std::move(plural));
  }
  return out;
}

std::string Phrasebook::random_phrase(std::string_view family, Rng& rng) const {
  const auto& words = words_of(family);
  const auto pick = [&](const std::vector<std::string>& from) -> const std::string& {
    return from[static_cast<std::size_t>(rng.i(0, static_cast<int>(from.size()) - 1))];
  };
  // The usual name is met most often in practice.
  std::string noun = rng.p(0.3) ? words.nouns.front() : pick(words.nouns);
  if (rng.p(0.35)) noun = plural_of(noun);
  return rng.p(0.45) ? pick(words.adjectives) + " " + noun : noun;
}

std::vector<std::string> Phrasebook::families_of(std::string_view phrase) const {
  const std::string wanted = lower(phrase);
  std::vector<std::string> out;
  for (const auto& words : families_) {
    const bool has = std::any_of(words.nouns.begin(), words.nouns.end(), [&](const std::string& noun) {
      return noun == wanted || plural_of(noun) == wanted;
    });
    if (has) out.push_back(words.family);
  }
  return out;
}

const Phrasebook& phrasebook() {
  static const Phrasebook book;
  return book;
}

}  // namespace anomalyvlm::synthetic
