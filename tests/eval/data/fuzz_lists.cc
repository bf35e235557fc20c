// libFuzzer: tables and lists of boxes from outside. Nothing but Error may come out, and what is read keeps
// its promises.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anomalyvlm/error.h"
#include "eval/data/coco.h"
#include "eval/data/csv.h"
#include "eval/data/listing.h"

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

void check_boxes(std::string_view text) {
  for (const eval::CocoImage& image : eval::parse_coco(text, "fuzz.json")) {
    if (image.file.empty() || image.file.starts_with('/') || image.file.starts_with("..")) std::abort();
    for (const Box& box : image.boxes)
      if (!(box.area() > 0) || !std::isfinite(box.area())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check([&] { check_table(text); });
  check([&] { check_boxes(text); });
  check([&] {
    const std::string name = eval::relative_name(text, "'fuzz'");
    if (name.starts_with('/') || ("/" + name + "/").find("/../") != std::string::npos) std::abort();
    if (eval::relative_name(name, "'again'") != name) std::abort();
  });
  return 0;
}
