"""The live page when the server refuses something, or is not there."""
import pathlib
import unittest

import browser_case
from page import CONTROL_A, ENTER, LEFT, RIGHT
from server import EXAMPLES, wait_until

TOKEN = "a-token-of-the-third-line-0123"
REFUSED = "the server responded with a status of 401"
FORGOTTEN = "the server responded with a status of 404"
LOST = "net::ERR_"  # a connection that the browser could not make or keep


class RefusedFileTest(browser_case.BrowserCase):
    EXPECTED = ("the server responded with a status of 4",)

    def test_the_server_says_at_the_image_what_is_wrong(self):
        text = pathlib.Path(self.temporary_folder()) / "notes.png"
        text.write_text("These are no pixels.")
        self.page.open_files(text)
        self.assertIn("is not a JPEG, PNG", self.page.text("image-error-text"))
        self.assertEqual(self.page.text("image-name"), "notes.png")
        self.assertEqual(self.page.texts(".thumb-mark"), ["Error"])
        self.page.screenshot("refused")

    def test_other_images_are_inspected_all_the_same(self):
        cut = pathlib.Path(self.temporary_folder()) / "cut.png"
        cut.write_bytes((EXAMPLES / "gear.png").read_bytes()[:900])
        self.page.open_files(cut, EXAMPLES / "leather.png")
        self.page.wait_for("document.querySelectorAll('.thumb-mark.none, .thumb-mark.bad').length === 2")
        self.page.wait_for("!document.querySelectorAll('.thumb-mark')[1].textContent.includes('…')")
        self.assertEqual(self.page.texts(".thumb-mark")[0], "Error")


class LostServerTest(browser_case.BrowserCase):
    EXPECTED = (LOST, FORGOTTEN)

    def setUp(self):
        super().setUp()
        self.page.choose_sample("leather.png")

    def uploads(self):
        return [line for line in self.server.log() if (line.get("method"), line.get("path")) == ("POST", "/v1/images")]

    def wait_until_gone(self):
        self.page.wait_for("!document.getElementById('connection').hidden")

    def wait_until_back(self):
        self.page.wait_for("document.getElementById('connection').hidden")
        self.page.wait_until_settled()

    def test_the_page_finds_a_server_that_was_killed(self):
        uploads = len(self.uploads())
        self.server.kill()
        self.page.press_in("slider-count", *[LEFT] * 4)
        self.wait_until_gone()
        self.assertIn("does not answer", self.page.text("connection-text"))
        self.page.screenshot("gone")
        self.server.restart()
        self.wait_until_back()
        self.assertIn("1 kept", self.page.text("verdict-regions"))
        self.assertEqual(len(self.uploads()), uploads + 1)

    def test_work_that_was_cut_off_is_done_again(self):
        self.page.click(".sample")  # another image; the answer is not waited for
        self.server.kill()
        self.page.press_in("slider-area", RIGHT)
        self.wait_until_gone()
        self.server.restart()
        self.wait_until_back()
        self.assertNotEqual(self.page.text("verdict-score"), "–")

    def test_the_button_tries_at_once(self):
        self.server.kill()
        self.page.press_in("slider-area", RIGHT)
        self.wait_until_gone()
        self.server.restart()
        self.page.click("#retry")
        self.wait_until_back()


class ForgottenImageTest(browser_case.BrowserCase):
    OPTIONS = ("--image-time", "1")
    EXPECTED = (FORGOTTEN,)

    def test_an_image_that_the_server_has_dropped_is_sent_again(self):
        self.page.choose_sample("leather.png")
        dropped = lambda: self.server.metric("anomalyvlm_kept_images") == 0
        self.assertTrue(wait_until(dropped))
        self.page.press_in("slider-count", *[LEFT] * 4)
        self.page.wait_until_settled()
        self.assertIn("1 kept", self.page.text("verdict-regions"))
        self.assertFalse(self.page.is_shown("connection"))
        self.assertFalse(self.page.is_shown("image-error"))


class TokenTest(browser_case.BrowserCase):
    EXPECTED = (REFUSED,)

    @classmethod
    def setUpClass(cls):
        file = pathlib.Path(cls.enterClassContext(browser_case.temporary_folder())) / "tokens"
        file.touch(0o600)
        file.write_text(f"line3 {TOKEN}\n")
        cls.OPTIONS = ("--token-file", str(file))
        super().setUpClass()

    def open(self):
        self.page.driver.get(self.server.url)
        self.page.evaluate("sessionStorage.clear()")
        self.page.driver.refresh()

    def answer(self, token):
        self.page.wait_for("document.getElementById('token-dialog').open")
        self.page.press_in("token", CONTROL_A, *token, ENTER)

    def test_asks_for_the_token_until_it_is_right(self):
        self.page.wait_for("document.getElementById('token-dialog').open")
        self.assertEqual(self.page.focused(), "token")
        self.page.screenshot("token")
        self.answer("not-the-token-0123456789")
        self.page.wait_for("document.getElementById('token-message').classList.contains('bad')")
        self.assertIn("does not accept", self.page.text("token-message"))
        self.answer(TOKEN)
        self.page.choose_sample("leather.png")

    def test_keeps_it_for_the_visit(self):
        self.answer(TOKEN)
        self.page.wait_for_samples()
        self.page.driver.refresh()
        self.page.wait_for_samples()
        self.assertFalse(self.page.evaluate("document.getElementById('token-dialog').open"))
        self.assertNotIn(TOKEN, self.page.evaluate("JSON.stringify(localStorage) + document.cookie + location"))


if __name__ == "__main__":
    unittest.main()
