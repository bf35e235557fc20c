"""What the live page gives to take away: files, and a command line that repeats the result."""
import json
import pathlib
import shlex
import shutil
import subprocess
import unittest

import browser_case
from page import CONTROL_A, DELETE, ENTER
from server import EXAMPLES, LEATHER, PROGRAM, wait_until

BUTTONS = {"json": "{}.json", "overlay": "{}.overlay.png", "anomaly.tiff": "{}.anomaly.tiff", "mask": "{}.mask.png"}
NOT_OK = 3  # exit code of the program


class FilesTest(browser_case.BrowserCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.temporary_folder())
        self.page.save_downloads_in(self.folder)

    def download(self, selector, name):
        """Presses a button, and waits for its file."""
        self.page.click(selector)
        file = self.folder / name
        self.assertTrue(wait_until(file.exists), f"{name} has not been saved: {self.page.text('download-status')}")
        return file

    def download_all(self, stem):
        self.download("#download-prompt", "standard.toml")
        for button, name in BUTTONS.items():
            self.download(f"[data-write='{button}']", name.format(stem))

    def repeat(self):
        """Runs the command line of the page, as a shell would, beside the files."""
        words = shlex.split(self.page.text("command"))
        self.assertEqual(words[0], "anomalyvlm")
        done = subprocess.run([PROGRAM, *words[1:]], cwd=self.folder, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, NOT_OK), done.stderr)

    def assert_repeats(self, stem):
        for name in BUTTONS.values():
            name = name.format(stem)
            here, there = ((folder / name).read_bytes() for folder in (self.folder, self.folder / "results"))
            if name.endswith(".json"):
                here, there = (self.comparable(text) for text in (here, there))
            self.assertEqual(here, there, f"{name} differs")

    def comparable(self, text):
        """A result without what depends on the run, not on the image and the standard."""
        result = json.loads(text)
        return {key: value for key, value in result.items() if key not in ("input", "timings")}

    def test_the_command_repeats_the_result(self):
        self.page.choose_sample("leather.png")
        self.page.write_standard("Defect. Anomalies are smaller than 2%. At most two abnormal regions.")
        self.page.wait_until_settled()
        shutil.copy(LEATHER, self.folder)
        self.download_all("leather")
        self.repeat()
        self.assert_repeats("leather")

    def test_it_does_so_with_every_choice_and_an_odd_name(self):
        image = self.folder / "-it's 1 größe.png"
        shutil.copy(EXAMPLES / "gear.png", image)
        self.page.open_files(image)
        self.page.write_standard("Cracks and stains. Anomalies are longer than 4 px.")
        for field, value in (("limit-exact", "0.7"), ("threshold", "0.3"), ("gain", "2")):
            self.set_number(field, value)
        self.page.wait_until_settled()
        words = shlex.split(self.page.text("command"))
        self.assertEqual(words[2:], ["./" + image.name, "--prompt", "standard.toml", "--limit", "0.7",
                                     "--threshold", "0.3", "--full-scale", "0.5", "--out", "results"])
        self.download_all(image.stem)
        self.repeat()
        self.assert_repeats(image.stem)

    def set_number(self, name, value):
        """Types into the field of the exact value that belongs to a slider."""
        self.page.evaluate(f"(document.querySelector('#{name}.exact, .slider:has(#{name}) .exact')).focus()")
        self.page.press(CONTROL_A, *value, ENTER)

    def test_the_server_own_standard_can_be_saved_too(self):
        self.page.choose_sample("gear.png")
        self.page.press_in("standard-text", CONTROL_A, DELETE)
        self.page.wait_for("document.getElementById('standard-status').textContent.includes('default')")
        shutil.copy(EXAMPLES / "gear.png", self.folder)
        self.page.wait_until_settled()
        self.download_all("gear")
        self.repeat()
        self.assert_repeats("gear")

    def test_copies_the_command(self):
        self.page.choose_sample("leather.png")
        self.page.click("#copy-command")
        self.page.wait_for("/Copied|Selected/.test(document.getElementById('download-status').textContent)")


class CommandTest(browser_case.BrowserCase):
    OPTIONS = ("--tile", "256", "--limit", "0.6")

    def test_names_the_options_of_the_server(self):
        self.page.choose_sample("leather.png")
        words = shlex.split(self.page.text("command"))
        self.assertEqual(words[words.index("--tile") + 1], "256")
        self.assertEqual(words[words.index("--limit") + 1], "0.6")
        self.assertEqual(self.page.verdict, "NOT OK")


if __name__ == "__main__":
    unittest.main()
