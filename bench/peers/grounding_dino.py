#!/usr/bin/env python3
"""The authors' Grounding DINO Swin-T against the clock: their PyTorch code, and the same network converted
to OpenVINO by OpenVINO's own converter, beside ours. README.md of this folder says how to run it."""
import argparse
import pathlib
import runpy
import sys
import warnings

import common

QUERIES = 900


# ---- the authors' network

def build(setup):
    """Their module with the weights of a file, or its own random ones."""
    warnings.filterwarnings("ignore")
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.set_num_threads(setup["threads"])
    torch.manual_seed(0)
    sys.path.insert(0, setup["groundingdino"])
    from groundingdino.util import get_tokenlizer
    # Theirs would fetch BERT from the network; its weights are in the checkpoint anyway.
    get_tokenlizer.get_tokenlizer = lambda _: BertTokenizerFast(setup["vocabulary"])
    get_tokenlizer.get_pretrained_language_model = lambda _: BertModel(BertConfig())
    from groundingdino.models import build_model
    from groundingdino.util.slconfig import SLConfig

    config = SLConfig.fromfile(setup["groundingdino"] + "/groundingdino/config/GroundingDINO_SwinT_OGC.py")
    config.device = "cpu"
    # Recomputing activations is for training; without it the results are the same.
    config.use_checkpoint = config.use_transformer_ckpt = False
    model = build_model(config).eval()
    if setup["weights"]:
        load_weights(model, setup["weights"])
    return model


def load_weights(model, file):
    """A checkpoint of theirs, or safetensors under the same names. Reports names that only one side knows."""
    import torch
    if file.endswith(".safetensors"):
        from safetensors.torch import load_file
        weights = load_file(file)
    else:
        weights = torch.load(file, map_location="cpu")
        weights = weights.get("model", weights)
    weights = {name.removeprefix("module."): tensor for name, tensor in weights.items()}
    apart = model.load_state_dict(weights, strict=False)
    # Some weights have several names. BERT's pooler is never read; indices follow from the config.
    tensors = model.state_dict(keep_vars=True)
    there = {id(tensors[name]) for name in weights if name in tensors}
    missing = [name for name in apart.missing_keys
               if id(tensors[name]) not in there and tensors[name].is_floating_point()
               and ".pooler." not in name]
    if missing:
        raise SystemExit(f"error: {file} lacks {len(missing)} tensors, among them {missing[0]}")
    print(f"{file}: not read are {', '.join(apart.unexpected_keys) or 'none'}", file=sys.stderr)


def image_of(setup):
    import torch
    return torch.randn(1, 3, setup["side"], setup["side"], generator=torch.Generator().manual_seed(1))


def caption_inputs(model, captions):
    """Token ids, positions, attention masks and padding masks of each caption, all of one length."""
    from groundingdino.models.GroundingDINO import bertwarper
    longest = max(len(model.tokenizer(caption)["input_ids"]) for caption in captions)
    inputs = []
    for caption in captions:
        tokens = model.tokenizer([caption], padding="max_length", max_length=longest, return_tensors="pt")
        sees, positions, _ = bertwarper.generate_masks_with_special_tokens_and_transfer_map(
            tokens, model.specical_tokens, model.tokenizer)
        inputs.append((tokens["input_ids"], positions, sees, tokens["attention_mask"].bool()))
    return inputs


# ---- peer: PyTorch

def load_torch(setup, bf16):
    import torch
    model, image = build(setup), image_of(setup)
    clock = None

    # Their forward is one piece: hooks tell its parts apart.
    def timed(module, name):
        running = []

        def before(*_):
            running.append(clock.stage(name))
            running[-1].__enter__()

        def after(*_):
            running.pop().__exit__(None, None, None)

        module.register_forward_pre_hook(before)
        module.register_forward_hook(after)

    timed(model.backbone, "image")
    timed(model.bert, "text")
    timed(model.transformer.encoder, "encoder")
    timed(model.transformer.decoder, "decoder")

    def run(run_clock, warm_up):
        nonlocal clock
        clock = run_clock
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            for caption in setup["captions"][:1 if warm_up else None]:
                model(image, captions=[caption])

    return run, {"version": f"PyTorch {torch.__version__}"}


# ---- peer: OpenVINO. Three graphs: the image, text and encoder, the decoder. Between the last two the
# queries are chosen.

def graphs(model, setup):
    """The network as three modules for the converter, and inputs of the first caption for each."""
    import torch
    from groundingdino.models.GroundingDINO.utils import gen_encoder_output_proposals
    from groundingdino.util.misc import NestedTensor, inverse_sigmoid

    class Image(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def maps(self, image):
            """The projected maps and their position encodings, from fine to coarse."""
            nothing = torch.zeros_like(image[:, 0], dtype=torch.bool)  # no pixel is padding
            features, positions = self.model.backbone(NestedTensor(image, nothing))
            maps = [project(feature.tensors) for project, feature in zip(self.model.input_proj, features)]
            for project in self.model.input_proj[len(features):]:
                maps.append(project(features[-1].tensors if len(maps) == len(features) else maps[-1]))
                mask = torch.zeros(1, *maps[-1].shape[-2:], dtype=torch.bool)
                positions.append(self.model.backbone[1](NestedTensor(maps[-1], mask)))
            return maps, positions

        def forward(self, image):
            return torch.cat([each.flatten(2).transpose(1, 2) for each in self.maps(image)[0]], 1)

    image = image_of(setup)
    with torch.no_grad():
        maps, positions = Image().maps(image)
        levels = torch.tensor([each.shape[-2:] for each in maps])
        starts = torch.cat((levels.new_zeros(1), levels.prod(1).cumsum(0)[:-1]))
        tokens = torch.cat([each.flatten(2).transpose(1, 2) for each in maps], 1)
        positions = torch.cat([each.flatten(2).transpose(1, 2) + model.transformer.level_embed[i]
                               for i, each in enumerate(positions)], 1)
        # Which places may propose a box depends on the size only, and on the last bit of a comparison with
        # 0.99, so PyTorch decides it once: 1 where one may, and the box there before its sigmoid.
        may_propose, start_boxes = gen_encoder_output_proposals(
            torch.ones_like(tokens), torch.zeros(tokens.shape[:2], dtype=torch.bool), levels)
    whole = torch.ones(1, len(maps), 2)  # the part of each map that is no padding

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model
            self.positions = positions

        def forward(self, tokens, ids, places, sees, is_text):
            bert = self.model.bert(input_ids=ids, token_type_ids=torch.zeros_like(ids),
                                   position_ids=places, attention_mask=sees)
            text = self.model.feat_map(bert["last_hidden_state"])
            transformer = self.model.transformer
            memory, text = transformer.encoder(
                tokens, pos=self.positions, level_start_index=starts, spatial_shapes=levels,
                valid_ratios=whole, key_padding_mask=None, memory_text=text, text_attention_mask=~is_text,
                position_ids=places, text_self_attention_masks=sees)
            proposed = transformer.enc_output_norm(transformer.enc_output(memory * may_propose[..., :1]))
            scores = transformer.enc_out_class_embed(
                proposed, {"encoded_text": text, "text_token_mask": is_text})
            return memory, text, scores.max(-1)[0], transformer.enc_out_bbox_embed(proposed) + start_boxes

    class Decoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, memory, text, is_text, boxes):
            transformer = self.model.transformer
            states, references = transformer.decoder(
                tgt=transformer.tgt_embed.weight[:, None], memory=memory.transpose(0, 1),
                memory_key_padding_mask=None, pos=None, refpoints_unsigmoid=boxes.transpose(0, 1),
                level_start_index=starts, spatial_shapes=levels, valid_ratios=whole, memory_text=text,
                text_attention_mask=~is_text)
            logits = self.model.class_embed[-1](
                states[-1], {"encoded_text": text, "text_token_mask": is_text})
            boxes = self.model.bbox_embed[-1](states[-1]) + inverse_sigmoid(references[-2])
            return logits, boxes.sigmoid()

    ids, places, sees, is_text = caption_inputs(model, setup["captions"])[0]
    with torch.no_grad():
        memory, text, scores, boxes = Encoder()(tokens, ids, places, sees, is_text)
    chosen = boxes[:, scores[0].topk(QUERIES).indices]
    return {"image": (Image(), (image,)), "encoder": (Encoder(), (tokens, ids, places, sees, is_text)),
            "decoder": (Decoder(), (memory, text, is_text, chosen))}


def convert(setup):
    """Writes the graphs and what they are given. Returns how far their results are from PyTorch's."""
    import numpy
    model = build(setup)
    folder = pathlib.Path(setup["ir"])
    folder.mkdir(parents=True, exist_ok=True)
    apart = {}
    for name, (module, inputs) in graphs(model, setup).items():
        compared = common.convert_module(module.eval(), inputs, folder / f"{name}.xml", setup["threads"])
        apart.update({f"{name} {precision}": value for precision, value in compared.items()})
    captions = {f"caption{i}.{k}": value.numpy()
                for i, caption in enumerate(caption_inputs(model, setup["captions"]))
                for k, value in enumerate(caption)}
    numpy.savez(folder / "inputs.npz", image=image_of(setup).numpy(), **captions)
    return apart


def load_openvino(setup, precision):
    import numpy
    import openvino
    folder = pathlib.Path(setup["ir"])
    image, encoder, decoder = (
        common.compile_graph(folder / f"{name}.xml", precision, setup["threads"]).create_infer_request()
        for name in ("image", "encoder", "decoder"))
    inputs = numpy.load(folder / "inputs.npz")
    captions = [[openvino.Tensor(inputs[f"caption{i}.{k}"]) for k in range(4)]
                for i in range(len(setup["captions"]))]
    pixels = openvino.Tensor(inputs["image"])
    # What one graph writes the next one reads in place.
    encoder.set_input_tensor(0, image.get_output_tensor(0))
    for k in (0, 1):
        decoder.set_input_tensor(k, encoder.get_output_tensor(k))

    def run(clock, warm_up):
        for caption in captions[:1 if warm_up else None]:
            with clock.stage("image"):
                image.set_input_tensor(0, pixels)
                image.infer()
            with clock.stage("encoder"):
                for k, value in enumerate(caption):
                    encoder.set_input_tensor(1 + k, value)
                encoder.infer()
            with clock.stage("decoder"):
                scores = encoder.get_output_tensor(2).data[0]
                best = numpy.argpartition(-scores, QUERIES)[:QUERIES]
                best = best[numpy.argsort(-scores[best], kind="stable")]
                decoder.set_input_tensor(2, caption[3])
                decoder.set_input_tensor(3, openvino.Tensor(
                    numpy.ascontiguousarray(encoder.get_output_tensor(3).data[:, best])))
                decoder.infer()

    return run, {"version": f"OpenVINO {openvino.__version__}"}


# ---- the measurement

PEERS = common.both_precisions(load_torch, load_openvino)


def released_captions(saa):
    """What the released code asks Grounding DINO about one magnetic tile, as its own files say."""
    prompts = pathlib.Path(saa) / "SAA" / "prompts"
    general = runpy.run_path(str(prompts / "general_prompts.py"))["build_general_prompts"]("mtd")
    own = runpy.run_path(str(prompts / "mtd_parameters.py"))
    about_object = next(iter(own["property_prompts"].values())).split(" ")[7]
    phrases = [phrase for phrase, _ in general + own["manual_prompts"]["mtd"]] + [about_object]
    phrases = [phrase.lower().strip() for phrase in phrases]
    return [phrase if phrase.endswith(".") else phrase + "." for phrase in phrases]


def measure_captions(name, captions, options):
    setup = {"groundingdino": str(options.groundingdino.resolve()),
             "vocabulary": str(options.vocabulary.resolve()),
             "weights": str(options.weights.resolve()) if options.weights else "",
             "side": options.side, "threads": options.threads, "captions": captions,
             "commit": common.commit_of(options.groundingdino), "ir": str(options.work / name)}
    file = options.work / f"{name}.captions.txt"
    file.write_text("".join(caption + "\n" for caption in captions))
    common.measure_case(f"{name}: {len(captions)} x {options.side} x {options.side}, {'; '.join(captions)}",
                        __file__, setup, options, {"case": name, "captions": file, "side": options.side})


def main():
    if common.work_as_told(convert, PEERS):
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groundingdino", type=pathlib.Path, required=True, metavar="DIR",
                        help="checkout of the authors' code")
    parser.add_argument("--saa", type=pathlib.Path, metavar="DIR",
                        help="checkout of the released anomaly code: also measures its six captions")
    parser.add_argument("--vocabulary", type=pathlib.Path, required=True, metavar="FILE",
                        help="bert-base-uncased's vocab.txt")
    parser.add_argument("--weights", type=pathlib.Path, metavar="FILE",
                        help="checkpoint or safetensors, by default what the module itself draws")
    parser.add_argument("--caption", default="defect on tile.")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=["one", "six"],
                        help="one caption, six captions (with --saa); by default both")
    parser.add_argument("--side", type=int, default=800)
    common.add_arguments(parser, PEERS, "grounding_dino")
    options = common.prepare(parser, PEERS)
    sources = {"Grounding DINO's code": options.groundingdino}
    if options.saa:
        sources["the released anomaly code"] = options.saa
    print("# Grounding DINO Swin-T\n\n" + common.heading(options, sources), flush=True)
    if "one" in options.cases:
        measure_captions("one", [options.caption], options)
    if "six" in options.cases and options.saa:
        measure_captions("six", released_captions(options.saa), options)


if __name__ == "__main__":
    main()
