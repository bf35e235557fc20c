"""The live page in Chromium, driven by Debian's chromedriver."""
import base64

import requirements

requirements.need_programs("chromedriver", "chromium")
requirements.need_packages("selenium")

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from page import DESKTOP, LivePage


def start_driver():
    options = webdriver.ChromeOptions()
    options.binary_location = requirements.path_of("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # The path keeps selenium from looking for a driver of its own.
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(requirements.path_of("chromedriver")))


class Chromium(LivePage):
    """`with Chromium() as page: page.open(server.url)`"""

    def __init__(self):
        self.driver = start_driver()
        self.resize(*DESKTOP)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.driver.quit()

    def open(self, url):
        self.driver.get(url)
        self.wait_for("document.getElementById('model').textContent !== ''")

    def evaluate(self, expression):
        return self.driver.execute_script("return " + expression)

    def press(self, *keys):
        """Presses keys one after the other; those of a tuple together."""
        actions = ActionChains(self.driver, duration=0)
        for key in keys:
            if isinstance(key, tuple):
                held, last = key
                actions.key_down(held).send_keys(last).key_up(held)
            else:
                actions.send_keys(key)
        actions.perform()

    def choose_file(self, name, *files):
        self.driver.find_element(By.ID, name).send_keys("\n".join(str(file) for file in files))

    def resize(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=False)

    def set_dark(self, dark):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])

    def save_downloads_in(self, folder):
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def take_screenshot(self):
        self.command("Emulation.setScrollbarsHidden", hidden=True)
        taken = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        self.command("Emulation.setScrollbarsHidden", hidden=False)
        return base64.b64decode(taken["data"])

    def complaints(self):
        """What the browser has written into its log since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
