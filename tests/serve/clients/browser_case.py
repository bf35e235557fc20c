"""What tests in Chromium have in common: one browser and one server for all tests of a class."""
import tempfile
import unittest

from chromium import Chromium
from page import DESKTOP
from server import Server


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="browser-test-")


class BrowserCase(unittest.TestCase):
    OPTIONS = ()  # of the server
    EXPECTED = ()  # words of messages in the browser's log that belong to what is tested

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(*cls.OPTIONS))
        cls.page = cls.enterClassContext(Chromium())

    def setUp(self):
        self.page.resize(*DESKTOP)
        self.page.complaints()
        self.open()

    def open(self):
        self.page.open(self.server.url)

    def tearDown(self):
        complaints = [text for text in self.page.complaints() if not any(word in text for word in self.EXPECTED)]
        self.assertEqual(complaints, [])

    def temporary_folder(self):
        return self.enterContext(temporary_folder())
