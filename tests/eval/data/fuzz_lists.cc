// libFuzzer: tables and annotations from outside. Nothing but Error may come out, and what is read keeps
// its promises.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anomalyvlm/error.h"
#include "eval/data/coco.h"
#include "eval/data/csv.h"
#include "eval/data/encoding.h"
#include "eval/data/listing.h"
#include "eval/data/marks.h"
#include "prompts/characters.h"
#include "text/unicode.h"

namespace {

using namespace anomalyvlm;

template <typename Read>
void check(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput || std::string_view(error.what()).empty()) std::abort();
  }
}

void check_table(std::string_view text) {
  const eval::CsvTable table = eval::parse_csv(text, "fuzz.csv");
  for (const eval::CsvRow& row : table.rows)
    if (row.fields.size() != table.columns.size() || row.line < 2) std::abort();
}

void check_annotations(std::string_view text) {
  for (const eval::CocoImage& image : eval::parse_coco(text, "fuzz.json").images) {
    if (image.file.empty() || image.file.starts_with('/') || image.file.starts_with("..")) std::abort();
    for (const eval::Mark& mark : image.marks)
      if (!(mark.box.area() > 0) || !std::isfinite(mark.box.area())) std::abort();
    const int width = image.width > 0 && image.width < 200 ? image.width : 33;
    const int height = image.height > 0 && image.height < 200 ? image.height : 17;
    const Mask mask = eval::covered_by(image.marks, width, height, "'fuzz'");
    for (const std::uint8_t value : mask.values)
      if (value > 1) std::abort();
  }
}

void check_text(std::string_view bytes) {
  const eval::DecodedText decoded = eval::decode_text(bytes);
  if (!prompts::is_utf8(decoded.text)) std::abort();
  folded_text(decoded.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check([&] { check_table(text); });
  check([&] { check_annotations(text); });
  check([&] { check_text(text); });
  check([&] {
    const std::string name = eval::relative_name(text, "'fuzz'");
    if (name.starts_with('/') || ("/" + name + "/").find("/../") != std::string::npos) std::abort();
    if (eval::relative_name(name, "'again'") != name) std::abort();
  });
  return 0;
}
