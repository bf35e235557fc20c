"""What the scripts of this folder share: peers as processes of their own, measured in turns, and the table.

A script is started once as the driver and, by the driver, once more for each peer and for the conversion:
SCRIPT --worker WHAT SETUP, where SETUP is JSON that only the script understands.

A peer is a process that reads one line for each run it shall do and answers with one line of JSON:
{"seconds": ..., "cpu_seconds": ..., "stages": {...}}. Before the first it says {"ready": {...}}, after the
last (an empty line) {"peak_mb": ...}.
"""
import argparse
import contextlib
import datetime
import fcntl
import hashlib
import importlib
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import time
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]


# ---- the side of a peer

class Clock:
    """Seconds of wall and of processor time of one run, and of its stages."""

    def __init__(self):
        self.stages = {}

    @contextlib.contextmanager
    def stage(self, name):
        start = time.perf_counter()
        yield
        self.stages[name] = self.stages.get(name, 0) + time.perf_counter() - start


def peak_megabytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def serve(load):
    """Answers a driver. load() returns a function run(clock, warm_up) and a dictionary that is reported once. A warm-up
    may do less, but must touch everything that is measured."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print shall not get between the answers

    def say(what):
        out.write(json.dumps(what) + "\n")

    start = time.perf_counter()
    run, about = load()
    loaded = time.perf_counter() - start
    run(Clock(), True)  # the first run allocates and, in bfloat16, prepares weights
    say({"ready": {**about, "load_seconds": loaded}})
    for line in sys.stdin:
        if not line.strip():
            break
        clock, cpu, start = Clock(), time.process_time(), time.perf_counter()
        run(clock, False)
        seconds = time.perf_counter() - start
        say({"seconds": seconds, "cpu_seconds": time.process_time() - cpu, "stages": clock.stages})
    say({"peak_mb": peak_megabytes()})


# ---- the side of the driver

class Peer:
    """A process that stays, and waits between its runs."""

    def __init__(self, name, command):
        self.name, self.runs = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self._answer()["ready"]

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"error: peer {self.name} ended with status {self.process.wait()}; see above")
        return json.loads(line)

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._answer()

    def run(self):
        self.runs.append(self._ask("run"))

    def close(self):
        self.about.update(self._ask(""))
        self.process.wait()


class Command:
    """A program of ours, started anew for each round. Of the lines of a round the least "seconds" counts."""

    def __init__(self, name, command):
        self.name, self.runs, self.about = name, [], {}
        self.command = shlex.split(command)

    def run(self):
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        lines = [json.loads(line) for line in process.stdout if line.startswith("{")]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        measured = [line for line in lines if "seconds" in line]
        if process.returncode != 0 or not measured:
            raise SystemExit(f"error: '{shlex.join(self.command)}' ended with status {process.returncode} "
                             f"and {len(measured)} lines with \"seconds\"")
        self.runs.append(min(measured, key=lambda line: line["seconds"]))
        for line in lines:
            self.about.update({key: line[key] for key in ("load_seconds", "version") if key in line})
        peak = usage.ru_maxrss * 1024 / 1e6
        self.about["peak_mb"] = max(self.about.get("peak_mb", 0), peak)

    def close(self):
        pass


def both_precisions(load_torch, load_openvino):
    """PyTorch and OpenVINO's conversion in both precisions, by load_torch(setup, bf16) and
    load_openvino(setup, precision)."""
    return {"torch-f32": lambda setup: load_torch(setup, bf16=False),
            "torch-bf16": lambda setup: load_torch(setup, bf16=True),
            "openvino-f32": lambda setup: load_openvino(setup, "f32"),
            "openvino-bf16": lambda setup: load_openvino(setup, "bf16")}


def measure(peers, rounds):
    """One run of each in turn, so that other load affects all equally; every other round in reverse order."""
    for turn in range(rounds):
        for peer in peers if turn % 2 == 0 else reversed(peers):
            peer.run()
            seconds = peer.runs[-1]["seconds"]
            print(f"  round {turn + 1} of {rounds}: {peer.name} {seconds:.3f} s", file=sys.stderr)
    for peer in peers:
        peer.close()


def table(peers, references):
    """Markdown. The ratios to each reference: fastest run by fastest run, the median over rounds of the time
    by the reference's of the same round, and processor time by processor time."""
    stages = list(dict.fromkeys(
        stage for peer in peers for run in peer.runs for stage in run.get("stages", {})))
    head = ["peer", "fastest s", "median s", "CPU s"]
    head += [f"{stage} s" for stage in stages] + ["peak MB", "load s"]
    for reference in references:
        head += [f"x {reference.name}, fastest", "by round", "by CPU"]

    def middle(values):
        values = [value for value in values if value is not None]
        return statistics.median(values) if values else None

    def shown(value, digits):
        return "" if value is None else f"{value:.{digits}f}"

    def seconds(peer):
        return [run["seconds"] for run in peer.runs]

    def cpu(peer):
        return middle(run.get("cpu_seconds") for run in peer.runs)

    rows = [head, ["---"] * len(head)]
    for peer in peers:
        row = [peer.name, shown(min(seconds(peer)), 3), shown(middle(seconds(peer)), 3), shown(cpu(peer), 2)]
        row += [shown(middle(run.get("stages", {}).get(stage) for run in peer.runs), 3) for stage in stages]
        row += [shown(peer.about.get("peak_mb"), 0), shown(peer.about.get("load_seconds"), 1)]
        for reference in references:
            row += [shown(min(seconds(peer)) / min(seconds(reference)), 2),
                    shown(middle(a / b for a, b in zip(seconds(peer), seconds(reference))), 2),
                    shown(cpu(peer) / cpu(reference) if cpu(peer) and cpu(reference) else None, 2)]
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def commit_of(folder):
    """The commit of a checkout, and whether it was changed; "unknown" for what is none."""
    def git(*words):
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    try:
        # Files that are missing change nothing that runs here.
        changed = git("diff", "--name-only", "--diff-filter=d", "HEAD")
        return git("rev-parse", "HEAD").strip() + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def processor():
    with open("/proc/cpuinfo") as info:
        lines = [line.split(":", 1) for line in info if ":" in line]
    facts = {key.strip(): value.strip() for key, value in reversed(lines)}
    flags = facts.get("flags", "").split()
    units = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{facts.get('model name', platform.machine())}, {os.cpu_count()} cores, {' '.join(units)}"


def heading(options, sources):
    facts = {"date": datetime.date.today().isoformat(), "CPU": processor(), "threads": options.threads,
             "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()), "commit": commit_of(ROOT),
             "weights": options.weights.name if options.weights else "random, initialised by the module itself"}
    facts.update({f"commit of {name}": commit_of(folder) for name, folder in sources.items()})
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def named(text):
    """NAME=VALUE of a command line."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value



# ---- others' code

@contextlib.contextmanager
def without(*names):
    """While others' code is imported: modules that it names and that are not needed here may be absent. Every text is
    plain, so that "ftfy" would repair nothing."""
    absent = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
    sys.modules.update({name: unittest.mock.MagicMock(fix_text=lambda text: text) for name in absent})
    yield
    for name in absent:
        del sys.modules[name]


def load_weights(module, file, left_as_is=()):
    """Sets a module's weights to those of safetensors; only the names left_as_is may lack."""
    from safetensors.torch import load_file
    found = module.load_state_dict(load_file(file), strict=False)
    wrong = [name for name in found.missing_keys if not name.startswith(tuple(left_as_is))]
    wrong += found.unexpected_keys
    if wrong:
        raise SystemExit(f"error: {file} does not fit: {wrong[0]}")


def read_image(file, side):
    """An image of side x side pixels, RGB, as float32 [1, 3, side, side] from 0 to 1."""
    import numpy
    import torch
    pixels = numpy.fromfile(file, "u1").reshape(side, side, 3)
    return (torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255).contiguous()


def draw_image(file, side):
    """Two waves and noise."""
    import numpy
    y, x = numpy.mgrid[0:side, 0:side]
    grey = 120 + 40 * numpy.sin(x / 9) + 30 * numpy.cos(y / 13)
    noise = numpy.random.default_rng(3).normal(0, 6, (side, side, 3))
    numpy.clip(grey[..., None] + noise + numpy.array([0, 10, 20]), 0, 255).astype("u1").tofile(file)


def ours_and_theirs(command, worker, folder):
    """Runs a program of ours once and a worker, which write the same result (float32) into files that they are
    told, and returns how far ours is from theirs."""
    import numpy
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    for name, words in (("ours", command), ("theirs", worker)):
        file = folder / f"{name}.f32"
        if subprocess.run([*words, str(file)], stdout=subprocess.DEVNULL).returncode != 0:
            raise SystemExit(f"error: {name} failed; see above")
        results.append(numpy.fromfile(file, "f4"))
    if results[0].shape != results[1].shape:
        raise SystemExit(f"error: {results[0].size} numbers of ours, {results[1].size} of theirs")
    return difference(*results)


# ---- OpenVINO

def compile_graph(file, precision, threads):
    import openvino
    return openvino.Core().compile_model(str(file), "CPU", {
        "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads})


def convert_module(module, inputs, file, threads):
    """Writes a module of PyTorch as a graph in float32 whose shapes are those of the inputs. Returns, for
    each precision, how far its results are from PyTorch's."""
    import openvino
    import torch
    with torch.no_grad():
        expected = module(*inputs)
        graph = openvino.convert_model(module, example_input=inputs)
    graph.reshape({port: list(value.shape) for port, value in zip(graph.inputs, inputs)})
    openvino.save_model(graph, file, compress_to_fp16=False)
    expected = expected if isinstance(expected, tuple) else (expected,)
    apart = {}
    for precision in ("f32", "bf16"):
        results = compile_graph(file, precision, threads)([value.numpy() for value in inputs])
        apart[precision] = max(difference(results[i], value.numpy()) for i, value in enumerate(expected))
    return apart


def difference(result, expected):
    """The largest, in parts of the largest expected value. Infinities (no token, no proposal) must agree."""
    import numpy
    finite = numpy.isfinite(expected)
    if not numpy.array_equal(finite, numpy.isfinite(result)):
        return float("inf")
    return float(numpy.abs(result[finite] - expected[finite]).max() / numpy.abs(expected[finite]).max())


# ---- the command line

def add_arguments(parser, peers, work):
    parser.add_argument("--ours", type=named, action="append", default=[], metavar="NAME=COMMAND",
                        help="a program of ours, run once each round; {case}, {captions} (a file), {side} "
                             "and {threads} are filled in; prints lines such as {\"seconds\": 1.5}")
    parser.add_argument("--also", type=named, action="append", default=[], metavar="NAME=PYTHON",
                        help="PyTorch in float32 by another Python as a further peer")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=list(peers),
                        help="of " + ",".join(peers))
    parser.add_argument("--threads", type=int, default=2, help="by default %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="by default %(default)s")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "peers" / work)


def prepare(parser, peers):
    """The options, checked."""
    options = parser.parse_args()
    for peer in options.peers:
        if peer not in peers:
            parser.error(f"no peer '{peer}': one of {', '.join(peers)}")
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    # Threads that spin while they wait fight with other load for the cores, and then cost each other whole
    # time slices.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options.work.mkdir(parents=True, exist_ok=True)
    # A second measurement would disturb this one, and write over its graphs.
    options.lock = open(options.work / "lock", "w")
    try:
        fcntl.flock(options.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        parser.error(f"another measurement is running in {options.work}")
    return options


def converted(command, setup):
    """Runs the conversion unless its results exist already. Returns what it reported."""
    note = pathlib.Path(setup["ir"]) / "converted.json"
    scripts = [pathlib.Path(command[1]).read_text(), pathlib.Path(__file__).read_text()]
    made_by = {"setup": setup, "scripts": hashlib.sha256("".join(scripts).encode()).hexdigest()}
    if note.exists():
        earlier = json.loads(note.read_text())
        if earlier.get("made_by") == made_by:
            return earlier["apart"]
    print("converting", file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit("error: the conversion failed; see above")
    apart = json.loads(done.stdout.splitlines()[-1])
    note.write_text(json.dumps({"made_by": made_by, "apart": apart}))
    return apart


def measure_case(title, script, setup, options, places, note=""):
    """Converts, loads, measures and prints one table. places: what our commands are given; note: of the results."""
    def worker(what, python=sys.executable):
        return [python, script, "--worker", what, json.dumps(setup)]

    print(f"\n## {title}\n", flush=True)
    if note:
        print(note + "\n", flush=True)
    if any(peer.startswith("openvino") for peer in options.peers):
        apart = converted(worker("convert"), setup)
        print("OpenVINO against PyTorch, in parts of the maximum: "
              + ", ".join(f"{key} {value:.1e}" for key, value in apart.items()) + "\n", flush=True)
    ours = []
    for name, command in options.ours:
        for key, value in {**places, "threads": options.threads}.items():
            command = command.replace("{" + key + "}", str(value))
        ours.append(Command(name, command))
    peers = list(ours)
    started = [(name, name, sys.executable) for name in options.peers]
    started += [(name, "torch-f32", python) for name, python in options.also]
    for name, what, python in started:
        print(f"loading {name}", file=sys.stderr)
        peers.append(Peer(name, worker(what, python)))
    measure(peers, options.rounds)
    references = ours or [peer for peer in peers if peer.name.startswith("openvino")] or peers[:1]
    print(table(peers, references))
    versions = dict.fromkeys(peer.about["version"] for peer in peers if "version" in peer.about)
    load = " ".join(f"{load:.2f}" for load in os.getloadavg())
    print(f"\n{', '.join(versions)}; load after: {load}", flush=True)


def measure_beside_clip_bench(title, script, setup, options, command):
    """Compares the results of clip_bench, which command runs, with theirs, and measures the case. bfloat16 of ours
    where a peer's is asked for."""
    worker = [sys.executable, script, "--worker", "result", json.dumps(setup)]
    apart = ours_and_theirs([*command, "--runs", "1", "--write"], worker, pathlib.Path(setup["ir"]))
    command = shlex.join([*command, "--runs", "1", "--json"])
    options.ours = [("ours-f32", command)]
    if any(peer.endswith("bf16") for peer in options.peers):
        options.ours.append(("ours-bf16", f"{command} --precision bf16"))
    measure_case(title, script, setup, options, {},
                 f"Ours against PyTorch, in float32 and in parts of the maximum: {apart:.1e}")


def work_as_told(convert, peers, result=None):
    """Does what a worker was started for; false in the driver. result: gives what is compared with ours."""
    if sys.argv[1:2] != ["--worker"]:
        return False
    what, setup = sys.argv[2], json.loads(sys.argv[3])
    if what == "convert":
        print(json.dumps(convert(setup)))
    elif what == "result":
        result(setup).astype("f4").tofile(sys.argv[4])
    else:
        serve(lambda: peers[what](setup))
    return True
