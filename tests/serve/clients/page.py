"""The live page as a person uses it, in any browser.

A browser has to give evaluate(), press(), choose_file(), resize() and take_screenshot(); all else is built on these.
"""
import json
import os
import pathlib

from server import wait_until

# As WebDriver numbers them.
TAB, ENTER, SHIFT, CONTROL, DELETE = "\ue004", "\ue007", "\ue008", "\ue009", "\ue017"
PAGE_DOWN, HOME, LEFT, RIGHT = "\ue00f", "\ue011", "\ue012", "\ue014"
CONTROL_A = (CONTROL, "a")  # held together

PHONE, DESKTOP, WIDE = (360, 800), (1440, 900), (2560, 1440)

SETTLED = """(() => {
  const main = document.getElementById("main");
  const reading = document.getElementById("standard-status").textContent === "Reading…";
  const open = ["result", "error"].includes(main.dataset.state);
  return open && !reading && main.getAttribute("aria-busy") === "false";
})()"""


class LivePage:
    """What tests read from the page and do with it."""

    def wait_for(self, expression, seconds=20):
        if not wait_until(lambda: self.evaluate(expression) is True, seconds):
            raise AssertionError(f"in vain waited for {expression}")

    def wait_until_settled(self):
        """Until the image on show has been inspected by the standard as it is now."""
        self.wait_for(SETTLED)

    def wait_for_samples(self):
        self.wait_for("document.querySelectorAll('.sample img').length >= 4")

    def choose_sample(self, name):
        self.wait_for_samples()
        self.evaluate(f"Array.from(document.querySelectorAll('.sample'))"
                      f".find((button) => button.textContent.includes({json.dumps(name)})).click()")
        self.wait_until_settled()

    def open_files(self, *files):
        self.choose_file("file-input", *files)
        self.wait_until_settled()

    def text(self, name):
        """The text of an element by its id."""
        return self.evaluate(f"document.getElementById('{name}').textContent").strip()

    def texts(self, selector):
        found = self.evaluate(f"JSON.stringify(Array.from(document.querySelectorAll({json.dumps(selector)}), "
                              "(node) => node.textContent.trim()))")
        return json.loads(found)

    def value(self, name):
        return self.evaluate(f"document.getElementById('{name}').value")

    def is_shown(self, name):
        return not self.evaluate(f"document.getElementById('{name}').hidden")

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def focused(self):
        """The id of the element that has the keyboard."""
        return self.evaluate("document.activeElement.id")

    def focus(self, name):
        self.evaluate(f"document.getElementById('{name}').focus()")

    def press_in(self, name, *keys):
        self.focus(name)
        self.press(*keys)

    def write_standard(self, text):
        """Types another standard in place of the one that stands there."""
        self.press_in("standard-text", CONTROL_A, *text)
        self.wait_for("document.getElementById('standard-status').textContent !== 'Reading…'")

    @property
    def standard(self):
        return self.value("standard-text")

    @property
    def verdict(self):
        return self.text("verdict-mark")

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def screenshot(self, name):
        """Written for people to look at, where the environment names a folder for them."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            (pathlib.Path(folder) / f"{name}.png").write_bytes(self.take_screenshot())
