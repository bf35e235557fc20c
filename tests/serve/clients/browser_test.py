"""The live page in Chromium: an image, the standard in words, and what follows from it."""
import pathlib
import unittest

import browser_case
import latency
from page import CONTROL_A, ENTER, HOME, LEFT, PAGE_DOWN, RIGHT, SHIFT
from made_images import write_texture
from server import EXAMPLES, REPOSITORY

REFERENCES = REPOSITORY / "examples/references"


class ImageTest(browser_case.BrowserCase):
    def test_begins_with_an_invitation(self):
        self.page.wait_for_samples()
        self.assertIn("Inspect an image", self.page.text("empty"))
        self.assertEqual(len(self.page.texts(".sample")), 4)
        self.page.screenshot("empty")

    def test_shows_the_result_of_a_sample(self):
        self.page.choose_sample("leather.png")
        self.assertEqual(self.page.text("image-name"), "leather.png")
        self.assertGreater(float(self.page.text("verdict-score")), 1)
        self.assertIn("5 kept", self.page.text("verdict-regions"))
        self.page.screenshot("result")

    def test_goes_through_the_images_of_the_visit(self):
        self.page.open_files(EXAMPLES / "leather.png", EXAMPLES / "gear.png")
        self.assertEqual(self.page.texts(".thumb-name"), ["leather.png", "gear.png"])
        self.page.press_in("stage", PAGE_DOWN)
        self.page.wait_until_settled()
        self.assertEqual(self.page.text("image-name"), "gear.png")

    def test_reads_the_map_below_the_pointer_of_the_keyboard(self):
        self.page.choose_sample("leather.png")
        self.page.press_in("stage", (SHIFT, RIGHT))
        self.assertRegex(self.page.text("readout"), r"^x 241, y 180: [\d.]+$")

    def test_takes_files_that_are_dropped_or_pasted(self):
        for event, kind, field in (("drop", "DragEvent", "dataTransfer"), ("paste", "ClipboardEvent", "clipboardData")):
            self.page.evaluate(f"""fetch("v1/samples/1").then((answer) => answer.blob()).then((blob) => {{
              const data = new DataTransfer();
              data.items.add(new File([blob], "{event}.png"));
              document.body.dispatchEvent(new {kind}("{event}", {{ bubbles: true, {field}: data }}));
            }})""")
            self.page.wait_for(f"document.getElementById('strip').textContent.includes('{event}.png')")
            self.page.wait_until_settled()
        self.assertEqual(self.page.texts(".thumb-name"), ["drop.png", "paste.png"])

    def test_shows_formats_that_browsers_do_not_read(self):
        file = pathlib.Path(self.temporary_folder()) / "ramp.pgm"
        file.write_bytes(b"P5 256 128 255\n" + bytes(range(256)) * 128)
        self.page.open_files(file)
        self.page.wait_for("document.querySelector('.thumb canvas') !== null")
        self.assertNotEqual(self.page.text("verdict-score"), "–")

    def test_compares_with_a_truth_mask(self):
        self.page.choose_sample("leather.png")
        self.page.choose_file("truth-input", EXAMPLES / "leather.png")
        self.page.wait_for("!document.getElementById('truth-result').hidden")
        self.assertIn("IoU", self.page.text("truth-text"))


class StandardTest(browser_case.BrowserCase):
    def setUp(self):
        super().setUp()
        self.page.choose_sample("leather.png")

    def test_shows_how_sentences_are_understood(self):
        self.page.write_standard("Scratches and stains. Anomalies are smaller than 5%. At most two abnormal regions.")
        chips = self.page.texts("#parts .chip")
        self.assertEqual([chip.split(" ")[0] for chip in chips], ["Look", "Look", "Rule", "Count"])
        self.assertIn("area < 5% of the object", chips[2])
        self.assertEqual(self.page.text("standard-status"), "Understood")
        self.page.wait_until_settled()
        self.assertIn("2 kept", self.page.text("verdict-regions"))

    def test_underlines_a_mistake_at_its_place(self):
        self.page.write_standard("Größe zählt. Defect. Anomalies are smaler than 5%.")
        self.assertIn("smaler", self.page.texts("#standard-backdrop .mark-error")[-1])
        self.assertRegex(self.page.texts("#prompt-problems li")[-1], "smaler” Expected a rule here.*did you mean")
        self.assertIn("problem", self.page.text("standard-status"))
        self.assertEqual(self.page.text("verdict-note"), "Of the standard before")
        self.page.screenshot("error")

    def test_moving_a_slider_rewrites_the_sentence_and_the_verdict(self):
        self.page.write_standard("Defect. Anomalies are smaller than 5%.")
        self.page.press_in("limit-exact", CONTROL_A, "1", ENTER)
        self.page.wait_until_settled()
        self.assertEqual(self.page.verdict, "NOT OK")
        self.page.press_in("slider-area", HOME)
        self.page.wait_until_settled()
        self.assertEqual(self.page.standard, "Defect. Anomalies are smaller than 0.1%.")
        self.assertEqual(self.page.verdict, "OK")

    def test_a_slider_adds_a_missing_sentence(self):
        self.page.write_standard("Defect.")
        self.page.press_in("slider-count", LEFT)
        self.page.wait_until_settled()
        self.assertEqual(self.page.standard, "Defect. At most 4 abnormal regions.")

    def test_editing_the_sentence_moves_the_slider(self):
        self.page.write_standard("Defect. Anomalies are smaller than 5%.")
        before = int(self.page.value("slider-area"))
        self.page.write_standard("Defect. Anomalies are smaller than 20%.")
        self.assertGreater(int(self.page.value("slider-area")), before)
        spoken = self.page.evaluate("document.getElementById('slider-area').getAttribute('aria-valuetext')")
        self.assertTrue(spoken.startswith("20 %"), spoken)

    def test_each_number_of_the_text_has_a_slider(self):
        self.page.write_standard("Reject scratches longer than 60 px or wider than 3 px. Ignore the border of 10 px.")
        labels = self.page.texts("#standard-sliders label")
        self.assertIn("Rule 1: length above", labels)
        self.assertIn("Rule 2: width above", labels)

    def test_two_tabs_with_different_standards_do_not_mix(self):
        driver = self.page.driver
        first = driver.current_window_handle
        self.page.write_standard("Defect. At most one abnormal region.")
        driver.switch_to.new_window("tab")
        self.page.open(self.server.url)
        self.page.choose_sample("leather.png")
        self.page.write_standard("Defect. At most two abnormal regions.")
        for handle, kept in ((first, "1 kept"), (driver.current_window_handle, "2 kept")):
            driver.switch_to.window(handle)
            self.page.wait_until_settled()
            self.assertIn(kept, self.page.text("verdict-regions"))
        driver.close()
        driver.switch_to.window(first)

    def test_begins_anew_after_a_reload(self):
        self.page.write_standard("Scratches.")
        self.page.driver.refresh()
        self.page.wait_for_samples()
        self.assertIn("Defect.", self.page.standard)
        self.page.choose_sample("gear.png")
        self.assertEqual(self.page.text("image-name"), "gear.png")


class ResultTest(browser_case.BrowserCase):
    def test_a_rejected_region_leads_to_its_rule(self):
        self.page.choose_sample("leather.png")
        self.page.write_standard("Defect. Anomalies are smaller than 1%.")
        self.page.wait_until_settled()
        self.assertIn("Rule 1: area < 1% of the object", self.page.texts(".reason .link"))
        self.page.click(".reason .link")
        self.assertEqual(self.page.focused(), "slider-area")
        self.assertEqual(self.page.texts("#standard-backdrop .mark-flash")[0], "Anomalies are smaller than")

    def test_the_limit_of_the_histogram_decides(self):
        self.page.open_files(EXAMPLES / "leather.png", EXAMPLES / "leather_good.png")
        self.page.press_in("limit-exact", CONTROL_A, "0.6", ENTER)
        self.page.wait_for("document.getElementById('histogram-summary').textContent === '2 images: 1 OK, 1 not OK.'")
        self.assertEqual(self.page.verdict, "NOT OK")
        self.page.press_in("limit", *[RIGHT] * 3)
        self.assertEqual(self.page.text("verdict-limit"), "0.63")
        self.page.click("#limit-clear")
        self.assertEqual(self.page.verdict, "No limit")

    def test_images_that_are_good_serve_as_references(self):
        good = [REFERENCES / "good" / f"slot_{i}.png" for i in range(2)]
        self.page.open_files(*good, REFERENCES / "shots/slot_good.png")
        for name in self.page.texts(".thumb-name"):
            self.show(name)
            if name != "slot_good.png":
                self.page.click("#mark-good")
        before = float(self.page.text("verdict-score"))
        self.page.click("#use-references")
        self.page.wait_for("document.getElementById('references-status').textContent"
                           ".startsWith('Results are compared with 2 good images')")
        self.page.wait_until_settled()
        self.assertLess(float(self.page.text("verdict-score")), before)
        self.page.screenshot("references")
        self.assertIn("The references look the same", self.page.texts(".reason > span:first-child"))

    def show(self, name):
        self.page.click(f".thumb[title^='{name}']")
        self.page.wait_until_settled()


class LatencyTest(browser_case.BrowserCase):
    MOST_MS = 1000  # what it takes on a busy machine; latency.py measures on a quiet one

    def test_the_overlay_follows_the_slider(self):
        file = pathlib.Path(self.temporary_folder()) / "texture.png"
        write_texture(file)
        durations = latency.measure(self.page, self.server.url, file, steps=40)
        print(latency.describe(durations))
        self.assertLess(latency.percentile(durations, 0.95), self.MOST_MS)


if __name__ == "__main__":
    unittest.main()
