"""The server under load, and when clients, or the server itself, go away."""
import concurrent.futures
import http.client
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import requirements

requirements.need_programs("wrk")

from server import EXAMPLES, LEATHER, Server, wait_until

HERE = pathlib.Path(__file__).parent
MOST_GROWTH = 32e6  # bytes of resident memory
CLIENT_GONE = 499  # in the log
OLD, NEW = "an-old-token-0123456789", "a-new-token-0123456789"


def run_wrk(server, seconds, connections):
    """What load.lua prints at the end, as numbers by name."""
    command = ["wrk", "--threads", "2", "--connections", str(connections), "--duration", f"{seconds}s",
               "--timeout", "20s", "--script", HERE / "load.lua", server.url + "v1/detect?masks=false"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True,
                             env={**os.environ, "IMAGE": str(LEATHER)}).stdout
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", printed)}


class LoadTest(unittest.TestCase):
    def test_answers_all_or_says_that_it_is_busy(self):
        with Server("--queue", "2", "--client-requests", "6") as server:
            for connections in (4, 16):
                found = run_wrk(server, 5, connections)
                print(f"load of {connections} connections: {found}")
                for name in ("wrong", "connect", "read", "write", "timeout"):
                    self.assertEqual(found[name], 0, name)
                self.assertGreater(found["requests"] - found["refused"], 0)
            # wrk leaves without the last answers, which are still being worked on.
            self.assertTrue(wait_until(lambda: server.detect(LEATHER.read_bytes()).status == 200, 5))

    def test_memory_does_not_grow(self):
        images = [file.read_bytes() for file in sorted(EXAMPLES.glob("*.png"))]
        with Server() as server:
            self.inspect(server, images, 100)
            before = server.metric("process_resident_memory_bytes")
            self.inspect(server, images, 300)
            growth = server.metric("process_resident_memory_bytes") - before
            print(f"memory: {before / 1e6:.0f} MB after 100 requests, {growth / 1e6:+.1f} MB after 300 more")
            self.assertLess(growth, MOST_GROWTH)

    def inspect(self, server, images, count):
        """By both ways: in one call, and with an image that is kept until it is deleted."""
        for i in range(count):
            image = images[i % len(images)]
            if i % 2:
                self.assertEqual(server.detect(image).status, 200)
                continue
            kept = server.request("POST", "/v1/images", image).json()["id"]
            judged = server.request("POST", f"/v1/images/{kept}/judge", b"{}", {"Content-Type": "application/json"})
            self.assertEqual(judged.status, 200)
            self.assertEqual(server.request("DELETE", f"/v1/images/{kept}").status, 204)


class LostClientTest(unittest.TestCase):
    def test_clients_that_go_away_leave_no_work_behind(self):
        with Server() as server:
            whole = LEATHER.read_bytes()
            for sent in [whole, whole[:5000]] * 6:  # fewer than one client may have under way
                self.send_and_leave(server, sent)
            logged = lambda: [line["status"] for line in server.log() if line.get("path") == "/v1/detect"]
            self.assertTrue(wait_until(lambda: len(logged()) == 12, 10))
            self.assertGreaterEqual(logged().count(CLIENT_GONE), 6, "those that were cut off, at least")
            for name in ("running", "waiting"):
                self.assertEqual(server.metric("anomalyvlm_queue_" + name), 0)
            self.assertEqual(server.detect(whole).status, 200)

    def send_and_leave(self, server, sent):
        """Announces the whole image, sends some of it or all, and closes the connection."""
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            length = LEATHER.stat().st_size
            client.sendall(f"POST /v1/detect HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                           f"Content-Length: {length}\r\n\r\n".encode() + sent)


class EndTest(unittest.TestCase):
    CLIENTS = 8

    def test_works_again_after_it_was_killed(self):
        with Server() as server, self.clients() as clients:
            asked = [clients.submit(self.status_of, server) for _ in range(self.CLIENTS)]
            time.sleep(0.1)
            server.kill()
            self.assertTrue(all(status in (200, None) for status in (request.result() for request in asked)))
            server.restart()
            self.assertEqual(self.status_of(server), 200)

    def test_answers_what_it_has_accepted_before_it_ends(self):
        with Server() as server, self.clients() as clients:
            self.assertEqual(self.status_of(server), 200)
            asked = [clients.submit(self.status_of, server) for _ in range(self.CLIENTS)]
            accepted, begin = wait_until(lambda: self.accepted(server), step=0.002), time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 10)
            answered = [request.result() for request in asked].count(200)
            self.assertGreaterEqual(answered, accepted)
            self.assertGreater(accepted, 0)

    def clients(self):
        return concurrent.futures.ThreadPoolExecutor(self.CLIENTS)

    def accepted(self, server):
        return server.metric("anomalyvlm_queue_running") + server.metric("anomalyvlm_queue_waiting")

    def status_of(self, server):
        """Of the answer to an image; None where the connection was lost."""
        try:
            return server.detect(LEATHER.read_bytes()).status
        except (OSError, http.client.HTTPException):
            return None


class ReloadTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tokens, self.log = self.folder / "tokens", self.folder / "requests.log"
        self.tokens.touch(0o600)
        self.tokens.write_text(OLD + "\n")
        self.server = self.enterContext(Server("--token-file", str(self.tokens), log_file=self.log))

    def status(self, token):
        return self.server.get("/v1/models", headers={"Authorization": f"Bearer {token}"}).status

    def wait_for_line(self):
        """Until a request stands in the log: it is written after the answer."""
        self.assertTrue(wait_until(lambda: self.log.exists() and "/v1/models" in self.log.read_text()))

    def test_opens_the_log_anew(self):
        self.status(OLD)
        self.wait_for_line()
        rotated = self.log.rename(self.folder / "requests.log.1")
        self.server.reload()
        self.assertTrue(wait_until(self.log.exists))
        self.status(OLD)
        self.wait_for_line()
        self.assertEqual(rotated.read_text().count("/v1/models"), 1)

    def test_reads_the_tokens_anew(self):
        self.assertEqual((self.status(OLD), self.status(NEW)), (200, 401))
        self.tokens.write_text(NEW + "\n")
        self.server.reload()
        self.assertTrue(wait_until(lambda: self.status(NEW) == 200))
        self.assertEqual(self.status(OLD), 401)

    def test_keeps_the_old_tokens_if_the_new_ones_cannot_be_read(self):
        self.tokens.write_text("short\n")
        self.server.reload()
        reported = lambda: [line for line in self.server.log() if line.get("event") == "not reloaded"]
        self.assertTrue(wait_until(reported))
        self.assertEqual(self.status(OLD), 200)

    def test_requests_go_on_meanwhile(self):
        statuses = []
        ended = threading.Event()

        def ask():
            while not ended.is_set():
                statuses.append(self.status(OLD))

        asker = threading.Thread(target=ask)
        asker.start()
        for _ in range(10):
            self.server.reload()
            time.sleep(0.05)
        ended.set()
        asker.join()
        self.assertEqual(set(statuses), {200})


if __name__ == "__main__":
    unittest.main()
