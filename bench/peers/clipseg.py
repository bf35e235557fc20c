#!/usr/bin/env python3
"""CLIPSeg (rd64) against the clock: the authors' PyTorch code on OpenAI's CLIP, and the same networks converted to
OpenVINO by OpenVINO's own converter, beside ours (clip_bench). README.md of this folder says how to run it.

All read the same image and the same randomly initialised weights, which clip_bench writes at its first start."""
import argparse
import pathlib
import sys
import warnings

import common

SIDE = 352
PHRASES = ("scratch", "dent", "a broken edge", "a stain on the surface")
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def build(setup):
    """Their model, CLIP's module, and an image."""
    warnings.filterwarnings("ignore")
    import torch
    torch.set_num_threads(setup["threads"])
    sys.path[:0] = [setup["clip"], setup["clipseg"]]
    with common.without("ftfy"):
        import clip
    # ViT-B/16, which they would download
    clip.load = lambda *_, **__: (clip.model.CLIP(512, 224, 12, 768, 16, 77, 49408, 512, 8, 12).eval(), None)
    from models.clipseg import CLIPDensePredT
    model = CLIPDensePredT(version="ViT-B/16", reduce_dim=64, extract_layers=(3, 7, 9)).eval()  # as it was trained
    common.load_weights(model.clip_model, setup["weights"], left_as_is=["logit_scale"])
    common.load_weights(model, setup["decoder"], left_as_is=["clip_model.", "model.", "reduce."])
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return model, clip, (common.read_image(setup["image"], SIDE) - mean) / deviation


def load_torch(setup, bf16):
    import torch
    model, _, image = build(setup)
    phrases = setup["phrases"]

    def run(_clock, _warm_up):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            # as their notebook asks for several phrases
            model(image.repeat(len(phrases), 1, 1, 1), phrases)[0].sigmoid()

    return run, {"version": f"PyTorch {torch.__version__}"}


def result(setup):
    import torch
    model, _, image = build(setup)
    with torch.no_grad():
        return model(image.repeat(len(setup["phrases"]), 1, 1, 1), setup["phrases"])[0].sigmoid().numpy()


def convert(setup):
    import numpy
    import torch
    folder = pathlib.Path(setup["ir"])
    folder.mkdir(parents=True, exist_ok=True)
    model, clip, image = build(setup)
    count = len(setup["phrases"])

    class Whole(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, image, tokens):
            texts = self.model.clip_model.encode_text(tokens)
            return self.model(image.repeat(count, 1, 1, 1), texts)[0].sigmoid()

    tokens = clip.tokenize(setup["phrases"]).long()
    numpy.save(folder / "image.npy", image.numpy())
    numpy.save(folder / "tokens.npy", tokens.numpy())
    return common.convert_module(Whole().eval(), (image, tokens), folder / "graph.xml", setup["threads"])


def load_openvino(setup, precision):
    import numpy
    import openvino
    folder = pathlib.Path(setup["ir"])
    request = common.compile_graph(folder / "graph.xml", precision, setup["threads"]).create_infer_request()
    for i, name in enumerate(("image", "tokens")):
        request.set_input_tensor(i, openvino.Tensor(numpy.load(folder / f"{name}.npy")))
    return lambda _clock, _warm_up: request.infer(), {"version": f"OpenVINO {openvino.__version__}"}


PEERS = common.both_precisions(load_torch, load_openvino)


def main():
    if common.work_as_told(convert, PEERS, result):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clipseg", type=pathlib.Path, required=True, metavar="DIR",
                        help="checkout of timojl/clipseg")
    parser.add_argument("--clip", type=pathlib.Path, required=True, metavar="DIR", help="checkout of openai/CLIP")
    parser.add_argument("--bench", type=pathlib.Path, default=common.ROOT / "build/release/bin/clip_bench")
    common.add_arguments(parser, PEERS, "clipseg")
    options = common.prepare(parser, PEERS)
    image = options.work / "image.u8"
    common.draw_image(image, SIDE)
    folder = common.ROOT / "build/bench"
    options.weights = folder / "clip-vit-b-16.random.safetensors"
    words = options.clip.resolve() / "clip/bpe_simple_vocab_16e6.txt.gz"
    sources = {"CLIPSeg's code": options.clipseg, "CLIP's code": options.clip}
    print("# CLIPSeg\n\n" + common.heading(options, sources), flush=True)
    for count, title in ((1, "one image, one phrase"), (len(PHRASES), f"one image, {len(PHRASES)} phrases")):
        setup = {"clipseg": str(options.clipseg.resolve()), "clip": str(options.clip.resolve()),
                 "commits": [common.commit_of(source) for source in sources.values()],
                 "weights": str(options.weights), "decoder": str(folder / "clipseg-rd64.random.safetensors"),
                 "image": str(image), "phrases": list(PHRASES[:count]), "threads": options.threads,
                 "ir": str(options.work / str(count))}
        ours = [str(options.bench), "--work", "phrases", "--folder", str(folder), "--image", str(image),
                "--vocabulary", str(words), "--threads", str(options.threads), "--phrase", *PHRASES[:count]]
        common.measure_beside_clip_bench(title, __file__, setup, options, ours)


if __name__ == "__main__":
    main()
