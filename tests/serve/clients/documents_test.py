"""The examples of docs/SERVER.md do what the document says: they are run as they stand there, on another port."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

from server import EXAMPLES, REPOSITORY, Server, wait_until

DOCUMENT = REPOSITORY / "docs/SERVER.md"
GATEWAY_PORT = 2000


def blocks(language):
    """The code of this language, in the document's order."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--limit", "0.5")
        cls.folder = tempfile.TemporaryDirectory(prefix="serve-documents-")
        folder = pathlib.Path(cls.folder.name)
        shutil.copy(EXAMPLES / "leather.png", folder / "photo.jpg")
        (folder / "shots").mkdir()
        for name in ("leather.png", "leather_good.png"):
            shutil.copy(EXAMPLES / name, folder / "shots")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.folder.cleanup()

    def here(self, text):
        return text.replace("localhost:8080", f"127.0.0.1:{self.server.port}")

    def run_python(self, code):
        packages = str(REPOSITORY / "build/deps/serve-tests")
        return subprocess.run([sys.executable, "-c", self.here(code)], cwd=self.folder.name, capture_output=True,
                              text=True, timeout=60, env={**os.environ, "PYTHONPATH": packages})

    def test_curl(self):
        listings = [block for block in blocks("sh") if "localhost:8080" in block]
        self.assertGreaterEqual(len(listings), 2)
        for listing in listings:
            commands = "\n".join(line for line in listing.splitlines() if "curl " in line)
            done = subprocess.run(["bash", "-e", "-c", self.here(commands)], cwd=self.folder.name,
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, commands + done.stderr)
            self.assertNotIn('"code"', done.stdout, commands)
        self.assertTrue((pathlib.Path(self.folder.name) / "overlay.png").read_bytes().startswith(b"\x89PNG"))

    def test_python(self):
        code = next(block for block in blocks("python") if "urlopen" in block and "socketserver" not in block)
        done = self.run_python(code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("not OK 1.2"), done.stdout)

    def test_triton(self):
        code = next(block for block in blocks("python") if "tritonclient" in block)
        done = self.run_python(code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not OK", done.stdout)

    def test_gateway(self):
        code = next(block for block in blocks("python") if "socketserver" in block)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        code = self.here(code).replace(str(GATEWAY_PORT), str(port))
        gateway = subprocess.Popen([sys.executable, "-c", code], cwd=self.folder.name)
        try:
            client = wait_until(lambda: self.connect(port))
            self.assertTrue(client)
            with client:
                for name, answer in (("leather.png", b"0"), ("leather_good.png", b"1"), ("missing.png", b"2"),
                                     ("../photo.jpg", b"2")):
                    client.sendall(name.encode() + b"\n")
                    self.assertEqual(client.recv(1), answer, name)
        finally:
            gateway.terminate()
            gateway.wait()

    @staticmethod
    def connect(port):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except OSError:
            return None

    def test_cpp(self):
        code = blocks("cpp")[0]
        folder = pathlib.Path(self.folder.name)
        (folder / "client.cc").write_text(code.replace('"localhost", 8080', f'"127.0.0.1", {self.server.port}'))
        command = re.search(r"`(c\+\+ .*?)`", DOCUMENT.read_text())[1].replace("c++ ", "c++ -o client ", 1)
        subprocess.run(["bash", "-c", command], cwd=folder, check=True, timeout=120)
        done = subprocess.run(["./client", "photo.jpg"], cwd=folder, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.stdout, "not OK\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
