"""Times PatchCore of anomalib (its model alone, without Lightning's engine) and ours (patchcore_bench), in turns.

Both see the same images and the same randomly initialised weights of Wide ResNet-50-2, which patchcore_bench writes
below build/bench at its first start. Fit is all from the images to the coreset of a tenth of the vectors, predict all
from the images to their maps. anomalib's vectors have 1536 numbers, those of the paper's code and ours 1024."""
import argparse
import datetime
import os
import pathlib

import common

SIDE, CROP = 256, 224


def load_anomalib(setup, work):
    import anomalib
    import numpy
    import torch
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel
    from safetensors.torch import load_file
    torch.set_num_threads(setup["threads"])
    model = PatchcoreModel(layers=["layer2", "layer3"], backbone="wide_resnet50_2", pre_trained=False)
    weights = load_file(setup["weights"])
    extractor = model.feature_extractor.feature_extractor
    missing = extractor.load_state_dict(weights, strict=False).missing_keys
    if any(not name.endswith("num_batches_tracked") for name in missing):
        raise SystemExit(f"error: {setup['weights']} lacks {missing[0]}")
    images = torch.from_numpy(numpy.fromfile(setup["images"], "u1").reshape(-1, SIDE, SIDE, 3))
    edge = (SIDE - CROP) // 2
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])

    def batches(some):
        for begin in range(0, len(some), setup["batch"]):
            batch = some[begin:begin + setup["batch"], edge:edge + CROP, edge:edge + CROP].float() / 255
            yield ((batch - mean) / std).permute(0, 3, 1, 2).contiguous()

    def fit(clock):
        model.train()
        model.feature_extractor.eval()
        with torch.no_grad():
            with clock.stage("embed"):
                for batch in batches(images[:setup["train"]]):
                    model(batch)
            with clock.stage("coreset"):
                model.subsample_embedding(0.1)
        model.eval()

    def predict():
        with torch.no_grad():
            for batch in batches(images[setup["train"]:]):
                model(batch)

    if work == "predict":
        fit(common.Clock())
    return (lambda clock, warm_up: fit(clock) if work == "fit" else predict(),
            {"version": f"anomalib {anomalib.__version__}, PyTorch {torch.__version__}"})


PEERS = {"anomalib-fit": lambda setup: load_anomalib(setup, "fit"),
         "anomalib-predict": lambda setup: load_anomalib(setup, "predict")}


def draw_images(file, count):
    """Two waves and noise, a little different in each."""
    import numpy
    random = numpy.random.default_rng(3)
    y, x = numpy.mgrid[0:SIDE, 0:SIDE]
    with open(file, "wb") as stream:
        for i in range(count):
            grey = 120 + 40 * numpy.sin(x / 9 + i / 10) + 30 * numpy.cos(y / 13 + i / 5)
            noise = random.normal(0, 6, (SIDE, SIDE, 3))
            numpy.clip(grey[..., None] + noise + numpy.array([0, 10, 20]), 0, 255).astype("u1").tofile(stream)


def main():
    if common.work_as_told(None, PEERS):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, default=common.ROOT / "build/release/bin/patchcore_bench")
    parser.add_argument("--weights", type=pathlib.Path, required=True, metavar="FILE",
                        help="safetensors of Wide ResNet-50-2 with torchvision's names")
    parser.add_argument("--train", type=int, default=32, help="good images, by default %(default)s")
    parser.add_argument("--test", type=int, default=16, help="images to judge, by default %(default)s")
    parser.add_argument("--batch", type=int, default=16, help="images at a time for anomalib, by default %(default)s")
    common.add_arguments(parser, PEERS, "patchcore")
    options = common.prepare(parser, PEERS)
    images = options.work / "images.u8"
    draw_images(images, options.train + options.test)
    facts = {"date": datetime.date.today().isoformat(), "CPU": common.processor(), "threads": options.threads,
             "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
             "commit": common.commit_of(common.ROOT), "weights": options.weights.name}
    print("# PatchCore\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items()), flush=True)
    setup = {"images": str(images), "weights": str(options.weights.resolve()), "train": options.train,
             "batch": options.batch, "threads": options.threads}
    for work, count in (("fit", options.train), ("predict", options.test)):
        command = (f"{options.bench} {images} --train {options.train} --weights {options.weights} --work {work} "
                   f"--repeats 1 --threads {options.threads}")
        options.ours = [("ours-f32", command), ("ours-bf16", f"{command} --precision bf16")]
        options.peers = [f"anomalib-{work}"]
        common.measure_case(f"{work}, {count} images", __file__, setup, options, {})


if __name__ == "__main__":
    main()
