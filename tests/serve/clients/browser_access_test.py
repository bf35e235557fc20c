"""The live page for everybody: by keyboard alone, to screen readers, in the dark, on a phone and on a large screen."""
import json
import pathlib
import unittest

import requirements

requirements.need_packages("axe_core_python")

import axe_core_python

import browser_case
from page import CONTROL_A, DESKTOP, ENTER, PHONE, RIGHT, TAB, WIDE

AXE = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()

FOCUS = """(() => {
  const node = document.activeElement, data = node.dataset;
  const name = node.id || data.layer || data.zoom || data.write || node.className || node.tagName;
  return [name, getComputedStyle(node).outlineStyle];
})()"""


class AxeTest(browser_case.BrowserCase):
    """axe-core finds nothing in any state."""

    def assert_accessible(self):
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.driver.execute_script(AXE)
        report = self.page.driver.execute_async_script("const done = arguments[0]; axe.run().then(done, done)")
        found = [(rule["id"], node["html"], node["failureSummary"])
                 for rule in report["violations"] for node in rule["nodes"]]
        self.assertEqual(found, [], json.dumps(found, indent=1))
        self.assertGreater(len(report["passes"]), 15)

    def test_states_in_light_and_dark_on_desktop_and_phone(self):
        for state in (self.show_nothing, self.show_result, self.show_mistake):
            self.page.open(self.server.url)
            state()
            for dark in (False, True):
                for size in (DESKTOP, PHONE):
                    with self.subTest(state=state.__name__, dark=dark, size=size):
                        self.page.set_dark(dark)
                        self.page.resize(*size)
                        self.assert_accessible()
            self.page.set_dark(False)
            self.page.resize(*DESKTOP)

    def show_nothing(self):
        self.page.wait_for_samples()

    def show_result(self):
        self.page.choose_sample("leather.png")
        self.page.press_in("limit-exact", CONTROL_A, *"0.6", ENTER)
        self.page.click("#mark-good")
        self.page.click("#drift summary")
        self.page.wait_for("document.querySelector('.drift-table') !== null")

    def show_mistake(self):
        self.page.choose_sample("leather.png")
        self.page.write_standard("Anomalies are smaler than 5%. Nonsense galore.")


class SizesTest(browser_case.BrowserCase):
    def test_a_phone_needs_no_sideways_scrolling(self):
        self.page.resize(*PHONE)
        self.assertEqual(self.page.overflow(), 0)
        self.page.screenshot("phone_empty")
        self.page.choose_sample("leather.png")
        self.page.write_standard("Reject scratches longer than 60 px or wider than 3 px. At most two abnormal regions.")
        self.page.click(".examples summary")
        self.page.click("#drift summary")
        self.page.wait_until_settled()
        self.assertEqual(self.page.overflow(), 0)
        self.page.screenshot("phone")

    def test_the_image_comes_first_on_a_phone(self):
        self.page.resize(*PHONE)
        self.page.choose_sample("leather.png")
        top = self.page.evaluate("document.getElementById('stage').getBoundingClientRect().top")
        self.assertLess(top, PHONE[1] / 2)

    def test_a_large_screen_shows_everything_at_once(self):
        self.page.resize(*WIDE)
        self.page.choose_sample("leather.png")
        self.assertEqual(self.page.overflow(), 0)
        below = self.page.evaluate("document.getElementById('downloads-title').getBoundingClientRect().bottom")
        self.assertLess(below, WIDE[1])
        self.page.screenshot("2560")

    def test_the_dark_scheme_is_dark(self):
        self.page.set_dark(True)
        self.addCleanup(self.page.set_dark, False)
        self.page.choose_sample("leather.png")
        ground = self.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        self.assertLess(max(ground), 60)
        self.page.screenshot("dark")


class KeyboardTest(browser_case.BrowserCase):
    def test_a_whole_visit_by_keyboard_alone(self):
        self.page.wait_for_samples()
        self.tab_to("sample")
        self.page.press(ENTER)
        self.page.wait_until_settled()
        self.assertEqual(self.page.focused(), "stage")
        fitted = self.page.text("zoom-value")
        self.page.press("+")
        self.assertNotEqual(self.page.text("zoom-value"), fitted)
        self.tab_to("standard-text")
        self.page.press(CONTROL_A, *"Defect. Anomalies are smaller than 5%.")
        self.tab_to("slider-area")
        self.page.wait_until_settled()
        self.page.press(RIGHT)
        self.assertEqual(self.page.standard, "Defect. Anomalies are smaller than 6%.")
        self.tab_to("limit")
        self.page.press(RIGHT)
        self.page.wait_until_settled()
        self.assertEqual(self.page.verdict, "NOT OK")

    def tab_to(self, name):
        """Moves the keyboard onwards, and checks on the way that one sees where it is."""
        for _ in range(80):
            self.page.press(TAB)
            at, outline = self.page.evaluate(FOCUS)
            if name in at.split():
                return
            # Of ranges the knob shows it, of layers the label, of the text its frame.
            other = self.page.evaluate("document.activeElement.matches('[type=range], .layers input, textarea, body')")
            self.assertTrue(outline != "none" or other, f"{at} does not show that it has the keyboard")
        self.fail(f"{name} cannot be reached by Tab")


if __name__ == "__main__":
    unittest.main()
