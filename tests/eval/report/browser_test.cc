// The page in a real browser, without a network: all images are decoded, nothing is wider than the window
// or cut off, nothing is requested, nothing complains.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/platform.h"
#include "eval/report/documents.h"
#include "eval/report/made_up.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using anomalyvlm::test::TemporaryFolder;
using nlohmann::json;

// Runs first in the page; what it found is the text of the element that it adds in the end, in base64, to the
// page or to the one that frames it.
constexpr const char* kProbe = R"html(<script>
const found = { errors: [], alerts: 0, blocked: [] };
window.alert = () => { found.alerts++ };
console.error = console.warn = (...words) => found.errors.push(words.join(" "));
addEventListener("error", e => found.errors.push(e.message || "cannot load " + e.target.outerHTML.slice(0, 99)),
  true);
addEventListener("securitypolicyviolation", e =>
  found.blocked.push(e.violatedDirective + " " + e.blockedURI));
addEventListener("load", () => {
  const width = innerWidth;
  const name = e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 60);
  const images = [...document.images];
  found.width = width;
  found.images = images.length;
  found.broken = images.filter(i => !i.complete || !i.naturalWidth).length;
  found.scroll = document.documentElement.scrollWidth;
  const inside = e => e.closest(".scroll") && !e.matches(".scroll");
  found.wide = [...document.body.querySelectorAll("*")].filter(e => !inside(e) && !e.closest("svg")
    && e.getBoundingClientRect().right > width + 0.5).map(name);
  found.scrolled = [...document.querySelectorAll(".scroll")].filter(e => e.scrollWidth > e.clientWidth).length;
  found.cut = [];
  for (const svg of document.querySelectorAll("svg")) {
    const room = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const r = text.getBoundingClientRect();
      if (r.left < room.left - 1 || r.right > room.right + 1
        || r.top < room.top - 1 || r.bottom > room.bottom + 1) found.cut.push(name(text));
    }
  }
  found.requests = performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:"));
  const page = parent.document, out = page.createElement("pre");
  out.id = "found";
  out.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
  page.body.append(out);
});
</script>
)html";

constexpr int kWindow = 1200;  // narrower than 500 the browser makes none: a frame in a page has to do

std::string decoded_base64(const std::string& code) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : code) {
    const auto value = letters.find(c);
    if (value == std::string::npos) continue;
    bits = (bits << 6) | static_cast<unsigned>(value);
    if ((have += 6) >= 8) out += static_cast<char>((bits >> (have -= 8)) & 0xff);
  }
  return out;
}

void replace(std::string& text, const std::string& part, const std::string& by) {
  const auto at = text.find(part);
  ASSERT_NE(at, std::string::npos) << part;
  text.replace(at, part.size(), by);
}

class ReportInBrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium > /dev/null 2>&1") == 0) return;
    const char* ci = std::getenv("CI");
    ASSERT_FALSE(ci && std::string(ci) == "true")
        << "chromium is not installed; packages/debian.txt lists it";
    GTEST_SKIP() << "chromium is not installed";
  }

  // What the probe found in the report at that width, with `addition` at its end.
  json look(const EvaluationResult& result, const std::vector<StudyTable>& studies, int width,
            const std::string& addition = {}) {
    std::string page = folder_ / "the report.html";
    write_report_html(result, studies, page);
    std::string text = read_file(page);
    replace(text, "<head>\n", std::string("<head>\n") + kProbe);
    replace(text, "default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'");
    replace(text, "</main>", addition + "</main>");
    write_file_atomically(page, text);
    if (width != kWindow) {
      page = folder_ / "frame.html";
      write_file_atomically(
          page, fmt::format("<!doctype html><body style='margin:0'><iframe src='the%20report.html' "
                            "style='border:0;height:900px;width:{}px'></iframe>",
                            width));
    }
    const std::string dom = dom_of(page), mark = "<pre id=\"found\">";
    const auto at = dom.find(mark);
    if (at == std::string::npos) {
      ADD_FAILURE() << "the page did not load: " << dom.substr(0, 300);
      return json::object();
    }
    return json::parse(
        decoded_base64(dom.substr(at + mark.size(), dom.find('<', at + 1) - at - mark.size())));
  }

  // The page as the browser has it after loading.
  std::string dom_of(const std::string& page) {
    const std::string out = folder_ / "dom", err = folder_ / "err", user = folder_ / "user";
    const std::string command = fmt::format(
        "timeout -k 5 200 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
        "--no-first-run "
        "--hide-scrollbars --disable-background-networking --host-resolver-rules='MAP * ~NOTFOUND' "
        "--allow-file-access-from-files --user-data-dir='{}' --window-size={},900 --dump-dom '{}' > '{}' 2> "
        "'{}'",
        user, kWindow, page, out, err);
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(err);
    return read_file(out);
  }

  static void expect_well_shown(const json& found, int width) {
    EXPECT_EQ(found.value("width", 0), width);
    EXPECT_EQ(found.value("broken", -1), 0);
    EXPECT_LE(found.value("scroll", 1 << 20), width);
    for (const char* list : {"errors", "blocked", "requests", "wide", "cut"})
      EXPECT_EQ(found.value(list, json("missing")), json::array())
          << list << ' ' << found.value(list, json());
    EXPECT_EQ(found.value("alerts", -1), 0) << "a name ran as a script";
  }

  TemporaryFolder folder_;
};

TEST_F(ReportInBrowser, IsWellShownInAWideWindow) {
  const json found = look(test::made_up_result(), test::made_up_studies(), 1200);
  expect_well_shown(found, 1200);
  EXPECT_EQ(found.value("images", 0), 36 * 4 - 1 + 6 * 2) << "examples, and two scales a category";
  EXPECT_EQ(found.value("scrolled", -1), 0) << "every table fits";
}

TEST_F(ReportInBrowser, IsWellShownInANarrowWindow) {
  expect_well_shown(look(test::made_up_result(), test::made_up_studies(), 400), 400);
}

TEST_F(ReportInBrowser, IsWellShownForAnOnlyCategory) {
  expect_well_shown(look(test::made_up_single_result(), {}, 400), 400);
  const json wide = look(test::made_up_single_result(), {}, 1200);
  expect_well_shown(wide, 1200);
  EXPECT_EQ(wide.value("images", 0), 6 * 4 + 2);
}

// What the tests above would say of a worse page.
TEST_F(ReportInBrowser, IsSeenToHaveFaults) {
  const json found =
      look(test::made_up_single_result(), {}, 400,
           "<img src=\"https://nowhere.invalid/a.png\"><img src=\"data:image/png;base64,AAAA\">"
           "<script>alert(1); undefined_function()</script><p style=\"width:900px\">wide</p>"
           "<svg width=\"50\" height=\"20\"><text x=\"30\" y=\"12\">cut off</text></svg>");
  EXPECT_EQ(found.value("broken", 0), 2);
  EXPECT_EQ(found.value("alerts", 0), 1);
  EXPECT_GT(found.value("scroll", 0), 400);
  for (const char* list : {"errors", "blocked", "wide", "cut"})
    EXPECT_FALSE(found.value(list, json::array()).empty()) << list;
}

}  // namespace
}  // namespace anomalyvlm::eval
