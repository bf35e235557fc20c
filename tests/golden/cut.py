#!/usr/bin/env python3
"""Cuts cases of the reference vectors down to what is kept beside this file, without changing a number.

usage: cut.py FROM TO    FROM: the folder of the whole cases, by kind; TO: this folder, usually

Weights that bfloat16 holds exactly are stored as such, words' tables keep only the rows that a case asks for, and
outputs that add little are left out, with their tolerances.
"""
import fnmatch
import json
import pathlib
import struct
import sys


class Tensors(dict):
    """A safetensors file: name -> (type, shape, bytes)."""

    @classmethod
    def read(cls, path):
        data = path.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])
        header.pop("__metadata__", None)
        body = data[8 + length:]
        return cls((name, (entry["dtype"], entry["shape"], body[slice(*entry["data_offsets"])]))
                   for name, entry in header.items())

    def write(self, path):
        header, body = {}, b""
        for name, (dtype, shape, data) in self.items():
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
            body += data
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        path.write_bytes(struct.pack("<Q", len(text)) + text + body)

    def in_bfloat16(self):
        """What bfloat16 holds exactly, as bfloat16."""
        result = Tensors()
        for name, (dtype, shape, data) in self.items():
            exact = dtype == "F32" and not any(data[0::4]) and not any(data[1::4])
            if exact:
                halves = bytearray(len(data) // 2)
                halves[0::2], halves[1::2] = data[2::4], data[3::4]
                dtype, data = "BF16", bytes(halves)
            result[name] = (dtype, shape, data)
        return result

    def without(self, patterns):
        return Tensors((name, value) for name, value in self.items()
                       if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns))


def integers(tensor):
    dtype, _, data = tensor
    assert dtype == "I64"
    return list(struct.unpack(f"<{len(data) // 8}q", data))


def keep_used_words(case, weights, inputs, table):
    """Numbers the words anew that the inputs have, and keeps only their rows."""
    ids = integers(inputs["input_ids"])
    used = sorted(set(ids))
    dtype, (_, width), data = weights[table]
    row = len(data) // weights[table][1][0]
    weights[table] = (dtype, [len(used), width], b"".join(data[i * row:(i + 1) * row] for i in used))
    renumbered = [used.index(i) for i in ids]
    inputs["input_ids"] = ("I64", inputs["input_ids"][1], struct.pack(f"<{len(ids)}q", *renumbered))
    case["config"]["vocab_size"] = len(used)
    case.pop("captions", None)  # without a vocabulary they cannot be read


def forget(case, patterns):
    for part in ("tolerance", "tensors"):
        for name in [n for n in case.get(part, {}) if any(fnmatch.fnmatchcase(n, p) for p in patterns)]:
            del case[part][name]


def begin_later(case, files, names):
    """Makes outputs the inputs: the case then begins with them."""
    for name in names:
        files["inputs"][name] = files["expected"].pop(name)
        del case["tolerance"][name]


def cut(source, target, *, drop=(), drop_weights=(), words=None, change=None, begin=(), shared_weights=False):
    """drop: patterns of inputs and outputs; words: the name of the words' table; change(case) edits case.json;
    begin: outputs that become inputs; shared_weights: they are another case's, and stay there."""
    case = json.loads((source / "case.json").read_text())
    weights = source / (case["weights_file"] if shared_weights else case.pop("weights_file", "weights.safetensors"))
    paths = {"weights": weights, "inputs": source / "inputs.safetensors", "expected": source / "expected.safetensors"}
    files = {name: Tensors.read(path) if path.exists() else Tensors() for name, path in paths.items()}
    if change:
        change(case)
    if words:
        keep_used_words(case, files["weights"], files["inputs"], words)
    begin_later(case, files, begin)
    forget(case, drop)
    case.pop("notes", None)
    case["cut"] = "by cut.py; see README.md"
    target.mkdir(parents=True, exist_ok=True)
    (target / "case.json").write_text(json.dumps(case, ensure_ascii=False, indent=1) + "\n")
    for name, tensors in files.items():
        tensors = tensors.without(drop_weights).in_bfloat16() if name == "weights" else tensors.without(drop)
        if tensors and not (shared_weights and name == "weights"):
            tensors.write(target / f"{name}.safetensors")


def only_run(name):
    def change(case):
        case["runs"] = [run for run in case["runs"] if run["name"] == name]
    return change


def without_ops(*names):
    def change(case):
        case["ops"] = [op for op in case["ops"] if op["name"] not in names]
    return change


def without_photographs(case):
    del case["image_files"]


def two_layers(case):
    case["config"]["out_indices"] = [1, 2]


def only_some_maps(case):
    case["subcases"] = [item for item in case["subcases"] if item["name"] in ("ties", "no_box")]
    for item in case["subcases"]:
        item["k_mask"] = item["k_mask"][:1]


def main(source, target):
    def case(name, **how):
        cut(source / name, target / name, **how)

    case("bert_tiny", words="embeddings.word_embeddings.weight")
    case("swin_tiny_cfg/window7", drop=["pos0", "pos1"])
    spared = ("f64lin_down", "f64lin_half", "f64cubic_up", "t_bil_up")  # of each kind another stays
    case("image_ops/a", drop=[name + ".*" for name in spared], change=without_ops(*spared))
    case("mobile_sam_cfg/a", drop=["s256.*", "s224.embedding", "s224.layer1", "s224.layer2"], drop_weights=["neck.*"], change=only_run("s224"))
    case("hybrid_prompts/property_parsing")
    case("hybrid_prompts/bbox_suppression")
    case("hybrid_prompts/rescore_confidence", change=only_some_maps,
         drop=["base.*", "sal64.*", "k_gt_n.*", "k_zero.*", "ties.K4.*", "no_box.K5.map_paper_*"])
    case("dinov2_tiny/a", drop=["*[01]"])
    case("dinov2_tiny/b", drop=["*[023]"])
    for name in ("bi_attention/mha", "bi_attention/block", "msdeform_attn/module_ref2", "msdeform_attn/module_ref4",
                 "text_enhancer_layer/batch2_quirk"):
        case(name)
    case("wide_resnet_cfg/a", drop=["in0.*", "*.layer3", "*.stem"], drop_weights=["layer[12].[1-9].*", "layer3.*"], change=two_layers)
    case("utad", begin=["image1.pooled_feature"], drop=["image0*", "image1", "*.upsampled", "*.smoothed"],
         drop_weights=["*"], change=without_photographs)
    case("sam_tiny_cfg/a",
         drop=["box1.mm0.upscaled", "tokens_in", "block_[0-2]", "boxmask2.dense"]
         + [name + ".mm1.low_res" for name in ("box1", "box5", "pt1", "pt3x2", "ptbox", "ptmask", "maskonly")])
    case("sam_predictor/synth_upscale_bgr", drop=["resized_u8", "predict.low_res"], shared_weights=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
