"""schemathesis calls the server with what its OpenAPI description allows and forbids, and checks every answer."""
import os
import subprocess
import sys
import tempfile
import unittest

import requirements

requirements.need_packages("schemathesis")

from server import REPOSITORY, Server

EXAMPLES = int(os.environ.get("EXAMPLES", 20))  # for each operation
SEED = 20251129
TIME_IS_UP = 504  # the answer to a request that gives itself a millisecond


class ApiTest(unittest.TestCase):
    def test_the_server_does_what_its_description_says(self):
        with Server("--log-level", "error") as server, tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(self.command(server.url), cwd=folder, capture_output=True, text=True,
                                  env={**os.environ, "NO_COLOR": "1"})
            self.assertEqual(done.returncode, 0, done.stdout[-20000:] + done.stderr[-2000:])
            self.assertEqual(server.get("/readyz").status, 200)
            faults = [line for line in server.log() if line.get("status") != TIME_IS_UP]
            self.assertEqual(faults, [], "faults of the server")

    def command(self, url):
        return [sys.executable, "-m", "schemathesis.cli", "--config-file", REPOSITORY / "tests/serve/schemathesis.toml",
                "run", url + "openapi.json", "--max-examples", str(EXAMPLES), "--workers", "1", "--seed", str(SEED),
                "--request-timeout", "20", "--no-color"]


if __name__ == "__main__":
    unittest.main()
