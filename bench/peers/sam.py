#!/usr/bin/env python3
"""The image encoder of MobileSAM against the clock: the authors' PyTorch code, and the same network converted
to OpenVINO by OpenVINO's own converter, beside ours. README.md of this folder says how to run it."""
import argparse
import pathlib
import sys
import warnings

import common

SIDE = 1024


def build(setup):
    """Their encoder with the weights of a file or random ones, and an image."""
    warnings.filterwarnings("ignore")
    import torch
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(0)
    sys.path.insert(0, setup["mobilesam"])
    from mobile_sam import build_sam_vit_t
    model = build_sam_vit_t(setup["weights"] or None)
    model.eval()  # once more: this is when the attention's biases are taken from the weights
    image = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    return model.image_encoder, image


def load_torch(setup, bf16):
    import torch
    encoder, image = build(setup)

    def run(_clock, _warm_up):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            encoder(image)

    return run, {"version": f"PyTorch {torch.__version__}"}


def convert(setup):
    import numpy
    folder = pathlib.Path(setup["ir"])
    folder.mkdir(parents=True, exist_ok=True)
    encoder, image = build(setup)
    numpy.save(folder / "image.npy", image.numpy())
    return common.convert_module(encoder, (image,), folder / "encoder.xml", setup["threads"])


def load_openvino(setup, precision):
    import numpy
    import openvino
    folder = pathlib.Path(setup["ir"])
    request = common.compile_graph(folder / "encoder.xml", precision, setup["threads"]).create_infer_request()
    request.set_input_tensor(openvino.Tensor(numpy.load(folder / "image.npy")))
    return lambda _clock, _warm_up: request.infer(), {"version": f"OpenVINO {openvino.__version__}"}


PEERS = common.both_precisions(load_torch, load_openvino)


def main():
    if common.work_as_told(convert, PEERS):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mobilesam", type=pathlib.Path, required=True, metavar="DIR",
                        help="checkout of the authors' code")
    parser.add_argument("--weights", type=pathlib.Path, metavar="FILE",
                        help="mobile_sam.pt, by default what the module itself draws")
    common.add_arguments(parser, PEERS, "sam")
    options = common.prepare(parser, PEERS)
    setup = {"mobilesam": str(options.mobilesam.resolve()),
             "weights": str(options.weights.resolve()) if options.weights else "",
             "threads": options.threads, "commit": common.commit_of(options.mobilesam),
             "ir": str(options.work)}
    sources = {"MobileSAM's code": options.mobilesam}
    print("# MobileSAM's image encoder\n\n" + common.heading(options, sources), flush=True)
    common.measure_case(f"one image, {SIDE} x {SIDE}", __file__, setup, options, {"side": SIDE})


if __name__ == "__main__":
    main()
