"""NVIDIA's tritonclient, unmodified, against the server: KServe's open inference protocol, version 2."""
import base64
import json
import struct
import unittest
import urllib.parse
import zlib

import requirements

requirements.need_packages("tritonclient.http", "numpy")

import numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from server import LEATHER, STANDARD, Server

MODEL = "anomalyvlm"


def bytes_input(name, value, binary=True):
    tensor = triton.InferInput(name, [1], "BYTES")
    tensor.set_data_from_numpy(numpy.array([value], dtype=numpy.object_), binary_data=binary)
    return tensor


def pixels_input(pixels, binary=True):
    tensor = triton.InferInput("pixels", list(pixels.shape), "UINT8")
    tensor.set_data_from_numpy(pixels, binary_data=binary)
    return tensor


def outputs(*names, binary=True):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in names]


def ppm(pixels):
    height, width, _ = pixels.shape
    return b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()


def stained_pixels():
    pixels = numpy.random.default_rng(1).integers(100, 120, (96, 128, 3), numpy.uint8)
    pixels[30:50, 40:70] = (250, 20, 20)
    return pixels


class KserveCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.client = triton.InferenceServerClient(f"127.0.0.1:{cls.server.port}")
        cls.addClassCleanup(cls.client.close)
        cls.image = LEATHER.read_bytes()

    def infer(self, *inputs, **more):
        return self.client.infer(MODEL, list(inputs), **more)

    def score(self, *inputs, **more):
        return self.infer(*inputs, **more).as_numpy("image_score")[0]


class MetadataTest(KserveCase):
    def test_is_live_and_ready(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready(MODEL))
        self.assertFalse(self.client.is_model_ready("another"))

    def test_describes_server_and_model(self):
        server = self.client.get_server_metadata()
        self.assertIn("binary_tensor_data", server["extensions"])
        model = self.client.get_model_metadata(MODEL)
        self.assertEqual({tensor["name"] for tensor in model["inputs"]}, {"image", "pixels", "prompt"})
        self.assertIn(server["version"], model["versions"])

    def test_takes_the_version_that_it_names(self):
        version = self.client.get_server_metadata()["version"]
        self.assertTrue(self.client.is_model_ready(MODEL, version))
        answer = self.infer(bytes_input("image", self.image), model_version=version)
        self.assertEqual(answer.get_response()["model_version"], version)


class InputsTest(KserveCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = cls.server.detect(cls.image).json()["image_score"]

    def test_takes_a_file_as_binary_tensor(self):
        self.assertAlmostEqual(self.score(bytes_input("image", self.image)), self.expected, places=5)

    def test_takes_a_file_as_base64_in_json(self):
        text = base64.b64encode(self.image).decode()
        self.assertAlmostEqual(self.score(bytes_input("image", text, binary=False)), self.expected, places=5)

    def test_takes_pixels_in_both_forms(self):
        pixels = stained_pixels()
        expected = self.server.detect(ppm(pixels)).json()["image_score"]
        for binary in (True, False):
            with self.subTest(binary=binary):
                self.assertAlmostEqual(self.score(pixels_input(pixels, binary)), expected, places=5)

    def test_takes_a_prompt_in_both_forms(self):
        for binary in (True, False):
            with self.subTest(binary=binary):
                answer = self.infer(bytes_input("image", self.image),
                                    bytes_input("prompt", "Defect. At most one abnormal region.", binary))
                self.assertEqual(answer.as_numpy("boxes").shape, (1, 4))

    def test_takes_compressed_requests(self):
        for name in ("gzip", "deflate"):
            with self.subTest(compression=name):
                score = self.score(bytes_input("image", self.image), request_compression_algorithm=name)
                self.assertAlmostEqual(score, self.expected, places=5)

    def test_answers_requests_that_are_under_way_together(self):
        with triton.InferenceServerClient(f"127.0.0.1:{self.server.port}", concurrency=4) as client:
            waiting = [client.async_infer(MODEL, [bytes_input("image", self.image)], request_id=str(i))
                       for i in range(8)]
            answers = [request.get_result() for request in waiting]
        self.assertEqual([answer.get_response()["id"] for answer in answers], [str(i) for i in range(8)])
        for answer in answers:
            self.assertAlmostEqual(answer.as_numpy("image_score")[0], self.expected, places=5)


class OutputsTest(KserveCase):
    LIMIT = 0.6
    NAMES = ("image_score", "verdict", "boxes", "scores", "phrases", "anomaly_map", "result")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = cls.server.detect(cls.image, prompt=STANDARD, limit=cls.LIMIT).json()

    def inputs(self):
        return bytes_input("image", self.image), bytes_input("prompt", STANDARD)

    def test_equal_the_result_of_detect_in_both_forms(self):
        for binary in (True, False):
            with self.subTest(binary=binary):
                self.assert_as_detect(self.infer(*self.inputs(), parameters={"limit": self.LIMIT},
                                                 outputs=outputs(*self.NAMES, binary=binary)))

    def assert_as_detect(self, answer):
        kept = [candidate for candidate in self.expected["candidates"]
                if candidate["kept"] and candidate["refined_score"] >= self.LIMIT]
        self.assertAlmostEqual(answer.as_numpy("image_score")[0], self.expected["image_score"], places=5)
        self.assertEqual(self.words(answer, "verdict"), [self.expected["verdict"]])
        self.assertEqual(self.words(answer, "phrases"), [candidate["phrase"] for candidate in kept])
        numpy.testing.assert_allclose(answer.as_numpy("boxes"), [candidate["box"] for candidate in kept])
        numpy.testing.assert_allclose(answer.as_numpy("scores"), [c["refined_score"] for c in kept], rtol=1e-5)
        result = json.loads(self.words(answer, "result")[0])
        for name in ("prompt", "limit", "verdict", "candidates", "pixels_above_threshold"):
            self.assertEqual(result[name], self.expected[name])

    def words(self, answer, name):
        """The values of a tensor of texts; they are bytes in the binary form."""
        values = answer.as_numpy(name).tolist()
        return [value.decode() if isinstance(value, bytes) else value for value in values]

    def test_the_map_is_that_of_the_tiff(self):
        wanted = outputs("anomaly_map")
        found = self.infer(*self.inputs(), outputs=wanted).as_numpy("anomaly_map")
        headers = {"Accept": "image/tiff", "Content-Type": "application/octet-stream"}
        address = "/v1/detect?" + urllib.parse.urlencode({"prompt": STANDARD})
        tiff = self.server.request("POST", address, self.image, headers).body
        numpy.testing.assert_array_equal(found, read_float_tiff(tiff))

    def test_takes_a_limit_as_parameter(self):
        answer = self.infer(*self.inputs(), outputs=outputs("verdict"), parameters={"limit": 5.0})
        self.assertEqual(self.words(answer, "verdict"), ["OK"])


def read_float_tiff(data):
    """The values of an uncompressed little-endian TIFF of 32-bit floats, as the server writes it."""
    directory, = struct.unpack_from("<I", data, 4)
    count, = struct.unpack_from("<H", data, directory)
    entries = (struct.unpack_from("<HHII", data, directory + 2 + 12 * i) for i in range(count))
    fields = {tag: (kind, number, value) for tag, kind, number, value in entries}
    values = lambda tag: tiff_values(data, *fields[tag])
    strips = zip(values(273), values(279))  # offsets and lengths
    pixels = b"".join(data[begin:begin + length] for begin, length in strips)
    return numpy.frombuffer(pixels, "<f4").reshape(values(257)[0], values(256)[0])


def tiff_values(data, kind, number, value):
    """Numbers of 16 or 32 bits: one stands in the entry itself, of several it has the place."""
    code = {3: "H", 4: "I"}[kind]
    if number == 1:
        return [value & 0xFFFF if code == "H" else value]
    return struct.unpack_from(f"<{number}{code}", data, value)


class ErrorsTest(KserveCase):
    def assert_refused(self, words, *inputs, status="400", **more):
        with self.assertRaises(InferenceServerException) as caught:
            self.infer(*inputs, **more)
        self.assertIsInstance(caught.exception.message(), str)
        self.assertIn(words, caught.exception.message())
        self.assertEqual(caught.exception.status(), status)

    def test_says_what_is_wrong_with_the_image(self):
        self.assert_refused("is not a JPEG", bytes_input("image", b"no pixels at all"), status="422")

    def test_says_what_is_wrong_with_the_prompt(self):
        self.assert_refused("did you mean \"smaller\"", bytes_input("image", self.image),
                            bytes_input("prompt", "Anomalies are smaler than 5%."), status="422")

    def test_says_which_tensors_there_are(self):
        self.assert_refused("image", bytes_input("photo", self.image))
        self.assert_refused("map", bytes_input("image", self.image), outputs=outputs("map"))

    def test_needs_an_image(self):
        self.assert_refused("image", bytes_input("prompt", STANDARD))

    def test_knows_one_model(self):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer("another", [bytes_input("image", self.image)])
        self.assertEqual(caught.exception.status(), "404")

    def test_refuses_bytes_that_are_not_compressed(self):
        answer = self.server.request("POST", f"/v2/models/{MODEL}/infer", b"not gzip",
                                     {"Content-Encoding": "gzip", "Content-Type": "application/json"})
        self.assertEqual(answer.status, 400)
        half = zlib.compress(b"{}" * 1000)[:20]
        answer = self.server.request("POST", f"/v2/models/{MODEL}/infer", half, {"Content-Encoding": "deflate"})
        self.assertEqual(answer.status, 400)


if __name__ == "__main__":
    unittest.main()
