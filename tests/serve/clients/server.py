"""Starts `anomalyvlm serve` for the tests of this folder, asks it, and stops it again.

The program is the one that ANOMALYVLM_PROGRAM names; by default that of the preset dev.
"""
import http.client
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = pathlib.Path(os.environ.get("ANOMALYVLM_PROGRAM", REPOSITORY / "build/dev/bin/anomalyvlm"))
EXAMPLES = REPOSITORY / "examples/images"
LEATHER = EXAMPLES / "leather.png"
STANDARD = "Defect. Anomalies are smaller than 5%. At most three abnormal regions."


class Answer:
    """What the server answered to one request."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Server:
    """A running server; `with Server("--limit", "0.5") as server:` stops it at the end."""

    START_SECONDS = 60
    STOP_SECONDS = 60

    def __init__(self, *options, port=0, log_file=None):
        self.folder = None
        if log_file is None:
            self.folder = tempfile.TemporaryDirectory(prefix="serve-test-")
            log_file = pathlib.Path(self.folder.name) / "requests.log"
        self.options, self.log_file = options, pathlib.Path(log_file)
        self.messages = []
        self.port = self.start(port)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.stop()
        if self.folder:
            self.folder.cleanup()

    def start(self, port):
        """Starts the program and returns its port, once it listens."""
        command = [PROGRAM, "serve", "--port", str(port), "--log-file", self.log_file, *self.options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        ready = queue.Queue()
        threading.Thread(target=self.read_messages, args=(self.process.stdout, ready), daemon=True).start()
        try:
            port = ready.get(timeout=self.START_SECONDS)
        except queue.Empty:
            port = None
        if port is None:
            self.kill()
            raise RuntimeError("The server did not start: " + " ".join(self.messages))
        return port

    def read_messages(self, stream, ready):
        with stream:
            for line in stream:
                self.messages.append(line.strip())
                found = re.search(r"Ready at https?://[^ ]*:(\d+)/", line)
                if found:
                    ready.put(int(found[1]))
        ready.put(None)

    def restart(self):
        """Starts it again on the same port."""
        self.start(self.port)

    def kill(self):
        """Ends it at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to end, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(self.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def log(self):
        """The lines of the request log."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def detect(self, image, **options):
        """The result of one image, with options as in the address."""
        address = "/v1/detect?" + urllib.parse.urlencode(options)
        return self.request("POST", address, image, {"Content-Type": "application/octet-stream"})

    def metric(self, name):
        """The value of a metric without labels."""
        found = re.search(rf"^{name} (\S+)$", self.get("/metrics").body.decode(), re.MULTILINE)
        if not found:
            raise LookupError(f"/metrics has no {name}")
        return float(found[1])


def wait_until(condition, seconds=20, step=0.05):
    """The first true value of condition(), or the last one when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(step)
