#!/usr/bin/env python3
"""WinCLIP against the clock: zqhang/Accurate-WinCLIP-pytorch as published, and its networks converted to OpenVINO by
OpenVINO's own converter, beside ours (clip_bench). README.md of this folder says how to run it.

All read the same image and the same randomly initialised weights, which clip_bench writes at its first start."""
import argparse
import importlib
import pathlib
import sys
import warnings

import common

SIDE = 240
OBJECT = "bottle"
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def build(setup):
    """Their script as a module, their model in it, and an image."""
    warnings.filterwarnings("ignore")
    import torch
    torch.set_num_threads(setup["threads"])
    torch.Tensor.cuda = lambda tensor, *_: tensor  # they name this device throughout
    sys.path[:0] = [setup["winclip"], setup["winclip"] + "/src"]
    for name in ("torchvision", "transformers"):  # which look for what is absent below
        importlib.import_module(name)
    with common.without("ftfy", "skimage", "sklearn", "sklearn.metrics", "tabulate"):  # the last four evaluate
        import reproduce_WinCLIP as theirs
    published = theirs.open_clip.create_customer_model_and_transforms
    theirs.open_clip.create_customer_model_and_transforms = lambda name, pretrained: published(name)
    model = theirs.CLIP_AD("ViT-B-16-plus-240").eval()
    common.load_weights(model.model, setup["weights"], left_as_is=["logit_scale"])
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return theirs, model, (common.read_image(setup["image"], SIDE) - mean) / deviation


def texts_about(theirs, model):
    """[1, 2, channels]: the mean of the normal sentences' vectors, and that of the others."""
    import torch
    return torch.cat(theirs.prepare_text_future(model, [OBJECT]), dim=1)


def map_of(theirs, encoded, texts):
    """What their evaluation does with an encoded image, by their functions."""
    import torch
    large, middle, _, whole, *cells = encoded
    directions = texts.permute(0, 2, 1)
    inverse = 1 / theirs.compute_score(whole, directions.clone())[:, 0, 1].view(1, 1, 1)
    for tokens, mask in zip((large, middle), cells):
        abnormal = theirs.compute_sim(tokens, directions.clone())[:, :, 1]
        inverse = inverse + 1 / theirs.harmonic_aggregation((1, SIDE // 16, SIDE // 16), abnormal, mask)
    scores = torch.nan_to_num(3 / inverse, nan=0.0, posinf=0.0, neginf=0.0)
    return torch.nn.functional.interpolate(scores[None], size=(SIDE, SIDE), mode="bilinear")


def load_torch(setup, bf16):
    import torch
    theirs, model, image = build(setup)
    with torch.no_grad():
        texts = texts_about(theirs, model)

    def run(clock, _warm_up):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            if setup["work"] == "sentences":
                texts_about(theirs, model)
                return
            with clock.stage("network"):
                encoded = model.encode_image(image, 16)
            with clock.stage("map"):
                map_of(theirs, encoded, texts)

    return run, {"version": f"PyTorch {torch.__version__}"}


def result(setup):
    import torch
    theirs, model, image = build(setup)
    with torch.no_grad():
        texts = texts_about(theirs, model)
        if setup["work"] == "sentences":
            return torch.nn.functional.normalize(texts, dim=-1).numpy()
        return map_of(theirs, model.encode_image(image, 16), texts).numpy()


def convert(setup):
    import numpy
    import torch
    folder = pathlib.Path(setup["ir"])
    folder.mkdir(parents=True, exist_ok=True)
    theirs, model, image = build(setup)

    class Image(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.clip = model.model
            self.masks = [model.mask.make_mask(kernel_size=side, patch_size=16).squeeze() for side in (48, 32)]

        def forward(self, image):
            (large, middle), whole, _ = self.clip.encode_image(image, self.masks, proj=False)
            return large, middle, whole

    class Texts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.clip = model.model

        def forward(self, tokens):
            return self.clip.encode_text(tokens)

    if setup["work"] == "image":
        module, inputs = Image(), image[None]
    else:  # 147 normal sentences and 84 others, as three batches of one shape
        sentences = sum(theirs.prompt_order().prompt(OBJECT), [])
        tokens = theirs.tokenizer.tokenize(sentences).long()
        module, inputs = Texts(), tokens.view(3, -1, tokens.shape[1])
    numpy.save(folder / "inputs.npy", inputs.numpy())
    return common.convert_module(module.eval(), (inputs[0],), folder / "graph.xml", setup["threads"])


def load_openvino(setup, precision):
    import numpy
    import openvino
    folder = pathlib.Path(setup["ir"])
    request = common.compile_graph(folder / "graph.xml", precision, setup["threads"]).create_infer_request()
    inputs = [openvino.Tensor(numpy.ascontiguousarray(values)) for values in numpy.load(folder / "inputs.npy")]

    def run(clock, _warm_up):
        with clock.stage("network"):
            for values in inputs:
                request.set_input_tensor(values)
                request.infer()

    return run, {"version": f"OpenVINO {openvino.__version__}"}


PEERS = common.both_precisions(load_torch, load_openvino)


def main():
    if common.work_as_told(convert, PEERS, result):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--winclip", type=pathlib.Path, required=True, metavar="DIR",
                        help="checkout of zqhang/Accurate-WinCLIP-pytorch")
    parser.add_argument("--bench", type=pathlib.Path, default=common.ROOT / "build/release/bin/clip_bench")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=["image", "sentences"],
                        help="of image,sentences")
    common.add_arguments(parser, PEERS, "winclip")
    options = common.prepare(parser, PEERS)
    image = options.work / "image.u8"
    common.draw_image(image, SIDE)
    folder = common.ROOT / "build/bench"
    options.weights = folder / "clip-vit-b-16-plus-240.random.safetensors"
    words = options.winclip.resolve() / "src/open_clip/bpe_simple_vocab_16e6.txt.gz"
    ours = [str(options.bench), "--folder", str(folder), "--image", str(image), "--vocabulary", str(words),
            "--object", OBJECT, "--threads", str(options.threads)]
    print("# WinCLIP\n\n" + common.heading(options, {"WinCLIP's code": options.winclip}), flush=True)
    for work, title in (("image", "one image whose object is known"),
                        ("sentences", "231 sentences about a new object")):
        if work not in options.cases:
            continue
        setup = {"winclip": str(options.winclip.resolve()), "commit": common.commit_of(options.winclip),
                 "weights": str(options.weights), "image": str(image), "work": work,
                 "threads": options.threads, "ir": str(options.work / work)}
        common.measure_beside_clip_bench(title, __file__, setup, options, [*ours, "--work", work])


if __name__ == "__main__":
    main()
