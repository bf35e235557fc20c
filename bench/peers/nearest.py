"""Times faiss-cpu's IndexFlatL2 and our search for nearest rows (nearest_bench), in turns, and compares what they find.

The index is filled and our pool made before the timing. Rows and queries are random: half of the numbers of a row
are zero, as in a network's features after its ReLU; --clusters draws them around so many centres."""
import argparse
import datetime
import os
import pathlib

import common


def load_faiss(setup):
    import faiss
    import numpy
    faiss.omp_set_num_threads(setup["threads"])
    rows = numpy.fromfile(setup["rows"], "f4").reshape(-1, setup["size"])
    queries = numpy.fromfile(setup["queries"], "f4").reshape(-1, setup["size"])
    index = faiss.IndexFlatL2(setup["size"])
    index.add(rows)

    def run(clock, warm_up):
        found = index.search(queries, setup["count"])[1]
        if warm_up:
            found.astype("i4").tofile(setup["found"])

    return run, {"version": f"faiss-cpu {faiss.__version__} ({faiss.get_compile_options().strip()})"}


PEERS = {"faiss": load_faiss}


def draw(options, size):
    import numpy
    random = numpy.random.default_rng(1)
    centres = random.standard_normal((max(options.clusters, 1), size)) * (options.clusters > 0)
    files = {}
    for name, count in (("rows", options.rows), ("queries", options.queries)):
        values = centres[random.integers(len(centres), size=count)]
        values = values + random.standard_normal((count, size)) * (0.5 if options.clusters else 1)
        files[name] = str(options.work / f"{name}-{size}.f32")
        numpy.maximum(values, 0).astype("f4").tofile(files[name])
    return files


def compare(setup):
    """Of how many neighbours the index is another one, and by how much these are farther than faiss's."""
    import numpy
    rows = numpy.fromfile(setup["rows"], "f4").reshape(-1, setup["size"]).astype("f8")
    queries = numpy.fromfile(setup["queries"], "f4").reshape(-1, setup["size"]).astype("f8")
    theirs, ours = (numpy.fromfile(setup[name], "i4").reshape(len(queries), -1) for name in ("found", "ours"))
    other = numpy.argwhere(theirs != ours)
    worst = 0
    for query, place in other:
        apart = [((queries[query] - rows[found[query, place]]) ** 2).sum() for found in (ours, theirs)]
        worst = max(worst, apart[0] / apart[1] - 1)
    return f"{len(other)} of {ours.size} neighbours differ from faiss's, at most {worst:.1e} farther"


def main():
    if common.work_as_told(None, PEERS):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, default=common.ROOT / "build/release/bin/nearest_bench")
    parser.add_argument("--queries", type=int, default=1600, help="by default %(default)s")
    parser.add_argument("--rows", type=int, default=16000, help="by default %(default)s")
    parser.add_argument("--sizes", default="152,1024", help="numbers a row, by default %(default)s")
    parser.add_argument("--counts", default="1,4", help="neighbours, by default %(default)s")
    parser.add_argument("--clusters", type=int, default=0)
    common.add_arguments(parser, PEERS, "nearest")
    options = common.prepare(parser, PEERS)
    facts = {"date": datetime.date.today().isoformat(), "CPU": common.processor(), "threads": options.threads,
             "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
             "commit": common.commit_of(common.ROOT)}
    print("# Nearest rows\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items()), flush=True)
    for size in map(int, options.sizes.split(",")):
        files = draw(options, size)
        for count in map(int, options.counts.split(",")):
            setup = {**files, "size": size, "count": count, "threads": options.threads,
                     "found": str(options.work / "faiss.i32"), "ours": str(options.work / "ours.i32")}
            command = (f"{options.bench} {files['rows']} {files['queries']} {size} {count} "
                       f"--threads {options.threads} --repeats 1")
            options.ours = [("ours-f32", f"{command} --indices {setup['ours']}"), ("ours-bf16", f"{command} --bf16")]
            title = f"{options.queries} queries, {options.rows} rows of {size}, {count} nearest"
            common.measure_case(title, __file__, setup, options, {})
            print("\n" + compare(setup), flush=True)


if __name__ == "__main__":
    main()
