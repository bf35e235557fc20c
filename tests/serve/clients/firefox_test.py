"""The live page in Firefox: what it does there as it does in Chromium."""
import unittest

from firefox import Firefox
from page import CONTROL_A, DESKTOP, ENTER, HOME, PHONE, RIGHT
from server import EXAMPLES, Server


class FirefoxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.page = cls.enterClassContext(Firefox())

    def setUp(self):
        self.page.resize(*DESKTOP)
        self.page.complaints()
        self.page.open(self.server.url)

    def tearDown(self):
        self.assertEqual(self.page.complaints(), [])

    def test_shows_the_result_of_a_sample(self):
        self.page.choose_sample("leather.png")
        self.assertGreater(float(self.page.text("verdict-score")), 1)
        self.page.screenshot("firefox")

    def test_opens_files(self):
        self.page.open_files(EXAMPLES / "gear.png", EXAMPLES / "leather.png")
        self.assertEqual(self.page.texts(".thumb-name"), ["gear.png", "leather.png"])

    def test_shows_how_sentences_are_understood(self):
        self.page.choose_sample("leather.png")
        self.page.write_standard("Scratches. Anomalies are smaller than 5%. At most two abnormal regions.")
        self.assertEqual(len(self.page.texts("#parts .chip")), 3)
        self.page.write_standard("Größe zählt. Anomalies are smaler than 5%.")
        self.assertIn("smaler", self.page.texts("#standard-backdrop .mark-error")[-1])

    def test_moving_a_slider_rewrites_the_sentence_and_the_verdict(self):
        self.page.choose_sample("leather.png")
        self.page.write_standard("Defect. Anomalies are smaller than 5%.")
        self.page.press_in("limit-exact", CONTROL_A, "1", ENTER)
        self.page.wait_until_settled()
        self.assertEqual(self.page.verdict, "NOT OK")
        self.page.press_in("slider-area", HOME)
        self.page.wait_until_settled()
        self.assertEqual(self.page.standard, "Defect. Anomalies are smaller than 0.1%.")
        self.assertEqual(self.page.verdict, "OK")

    def test_moving_the_limit_changes_the_verdict(self):
        self.page.choose_sample("leather.png")
        self.page.press_in("limit", RIGHT)
        self.assertEqual(self.page.verdict, "NOT OK")

    def test_a_phone_needs_no_sideways_scrolling(self):
        self.page.resize(*PHONE)
        self.page.choose_sample("leather.png")
        self.page.wait_until_settled()
        self.assertEqual(self.page.overflow(), 0)
        self.page.screenshot("firefox_phone")


if __name__ == "__main__":
    unittest.main()
