"""Writes the files of tests/weights/files with the real torch.save (made with torch 2.8.0, script.pt with 2.15.0):

    python3 tests/weights/make_files.py tests/weights/files

Element i of a tensor, in row-major order, is (7 i + the length of its name) mod 11; of booleans its lowest bit.
"""

import argparse
import collections
import pathlib
import sys

import torch


def filled(name, shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    values = torch.tensor([(7 * i + len(name)) % 11 for i in range(count)], dtype=torch.int64)
    if dtype == torch.bool:
        values = values % 2
    return values.to(torch.float32).to(dtype).reshape(shape)


def dtypes():
    kinds = dict(f16=torch.float16, bf16=torch.bfloat16, f32=torch.float32, f64=torch.float64, i8=torch.int8,
                 i16=torch.int16, i32=torch.int32, i64=torch.int64, u8=torch.uint8, boolean=torch.bool,
                 complex=torch.complex64)
    return {name: filled(name, (5,), dtype) for name, dtype in kinds.items()}


def new_dtypes():
    return {"f8": filled("f8", (4,)).to(torch.float8_e4m3fn), "u16": filled("u16", (3,)).to(torch.uint16),
            "f32": filled("f32", (2,))}


def laid_out():
    """Tensors that lie in their storages in every way."""
    whole = torch.zeros(4, 6)
    inner, every_second = whole[1:3, 2:5], whole[3, ::2]
    inner.copy_(filled("inner", (2, 3)))
    every_second.copy_(filled("every_second", (3,)))
    last = filled("channels_last", (2, 3, 2, 2)).contiguous(memory_format=torch.channels_last)
    tied = filled("tied", (2, 2))
    return {
        "inner": inner,
        "every_second": every_second,
        "turned": filled("turned", (3, 2)).t().contiguous().t(),
        "channels_last": last,
        "scalar": filled("scalar", ()),
        "empty": torch.zeros(0, 3),
        "tied": tied,
        "diet": tied,
        "parameter": torch.nn.Parameter(filled("parameter", (2,))),
    }


def checkpoint():
    weights = collections.OrderedDict()
    weights["module.conv.weight"] = filled("conv.weight", (2, 1, 3, 3))
    weights["module.conv.bias"] = filled("conv.bias", (2,))
    weights._metadata = collections.OrderedDict({"": {"version": 1}})
    return {"model": weights, "epoch": 12, "loss": 0.25, "best": None, "big": 2**70, "note": "words",
            "sizes": torch.Size([1, 2]), "device": torch.device("cpu"), "seen": {1, 2}, "raw": b"bytes",
            "args": argparse.Namespace(lr=1e-3), "optimizer": {"state": {0: {"step": torch.ones(2)}}}}


def nested():
    return {"a": {"b": filled("a.b", (2,)), "c": [filled("a.c.0", (1,)), (filled("a.c.1.0", (3,)),)]},
            "d": {7: filled("d.7", (2,))}}


class Scripted(torch.nn.Module):
    """A module with a parameter, a buffer, attributes and a module below, in several element types."""

    def __init__(self):
        super().__init__()
        self.positions = torch.nn.Parameter(filled("positions", (2, 3)))
        self.register_buffer("input_side", filled("input_side", (), torch.int64))
        self.sizes, self.note = [1, 2], "words"
        self.layers = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Linear(1, 2))
        for index, layer in enumerate(self.layers):
            layer.weight = torch.nn.Parameter(filled(f"layers.{index}.weight", layer.weight.shape).half())
            layer.bias = torch.nn.Parameter(filled(f"layers.{index}.bias", layer.bias.shape).half())

    def forward(self, x):
        return self.layers((x + self.positions).half())


def main(folder):
    objects = dict(dtypes=dtypes(), laid_out=laid_out(), checkpoint=checkpoint(), nested=nested())
    for name, saved in objects.items():
        torch.save(saved, folder / f"{name}.pt")
        torch.save(saved, folder / f"{name}.legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(new_dtypes(), folder / "new_dtypes.pt")
    torch.save(filled("tensor", (2, 2)), folder / "single.pt")
    for protocol in (3, 4, 5):
        torch.save(checkpoint(), folder / f"protocol{protocol}.pt", pickle_protocol=protocol)
        torch.save(checkpoint(), folder / f"protocol{protocol}.legacy.pt", pickle_protocol=protocol,
                   _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(1, 1), folder / "module.pt")
    torch.jit.save(torch.jit.script(Scripted().eval()), str(folder / "script.pt"))


main(pathlib.Path(sys.argv[1]))
