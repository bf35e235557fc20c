"""The live page in Firefox, driven by WebDriver BiDi, which Firefox itself speaks: no other program is needed."""
import base64
import json
import re
import subprocess
import tempfile
import threading

import requirements

requirements.need_programs("firefox-esr")
requirements.need_packages("websocket")

import websocket

from page import DESKTOP, LivePage


class Firefox(LivePage):
    """`with Firefox() as page: page.open(server.url)`"""

    START_SECONDS = 60

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True)
        command = [requirements.path_of("firefox-esr"), "--headless", "--no-remote", "--profile", self.profile.name,
                   "--remote-debugging-port", "0", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.log, self.calls = [], 0
        self.socket = websocket.create_connection(self.address() + "/session", timeout=60, suppress_origin=True)
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.tab = self.call("browsingContext.create", type="tab")["context"]
        self.resize(*DESKTOP)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        self.profile.cleanup()

    def address(self):
        """Where it listens, which it writes to standard error."""
        for line in self.process.stderr:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", line)
            if found:
                # Its further messages must not fill the pipe.
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return found[1]
        raise RuntimeError("Firefox did not start.")

    def call(self, method, **parameters):
        self.calls += 1
        self.socket.send(json.dumps({"id": self.calls, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "log.entryAdded":
                self.log.append((message["params"]["level"], message["params"]["text"]))
            if message.get("id") == self.calls:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]

    def open(self, url):
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")
        self.wait_for("document.getElementById('model').textContent !== ''")

    def evaluate(self, expression):
        # As JSON, since BiDi has a notation of its own for values.
        answer = self.call("script.evaluate", expression=f"JSON.stringify({{value: {expression}}})",
                           target={"context": self.tab}, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"]).get("value")

    def press(self, *keys):
        steps = []
        for key in keys:
            held = key if isinstance(key, tuple) else (key,)
            steps += [{"type": "keyDown", "value": one} for one in held]
            steps += [{"type": "keyUp", "value": one} for one in reversed(held)]
        keyboard = {"type": "key", "id": "keyboard", "actions": steps}
        self.call("input.performActions", context=self.tab, actions=[keyboard])

    def choose_file(self, name, *files):
        found = self.call("browsingContext.locateNodes", context=self.tab,
                          locator={"type": "css", "value": "#" + name})
        self.call("input.setFiles", context=self.tab, element={"sharedId": found["nodes"][0]["sharedId"]},
                  files=[str(file) for file in files])

    def resize(self, width, height):
        self.call("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})

    def take_screenshot(self):
        return base64.b64decode(self.call("browsingContext.captureScreenshot", context=self.tab)["data"])

    def complaints(self):
        """Warnings and errors of the page since the last call."""
        self.call("session.status")  # what was written before has arrived then
        found, self.log = [text for level, text in self.log if level in ("warn", "error")], []
        return found
