"""Writes quantized/: weights that bitsandbytes and gguf encode, and tiny BERTs that transformers quantises with bitsandbytes.

    make_quantized.py [OUTPUT_FOLDER]

README.md beside this file describes what is written.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import gguf
import numpy
import torch
from bitsandbytes import functional
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    BertForSequenceClassification,
    BitsAndBytesConfig,
    GPT2Config,
    LlamaConfig,
)

import reference
import tiny_bert
import tiny_decoders
from reference import generator, random_tensor

WIDE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
# Rows that are not made of whole blocks.
NARROW = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 40}

# name: (shape, seed, quantisation)
CHECKPOINTS = {
    "bert-nf4": (WIDE, 700, {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}),
    "bert-nf4-nested": (
        WIDE,
        700,
        {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True},
    ),
    "bert-int8": (WIDE, 700, {"load_in_8bit": True}),
    "bert-nf4-narrow": (NARROW, 701, {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}),
    "bert-int8-narrow": (NARROW, 701, {"load_in_8bit": True}),
}

LLAMA = tiny_decoders.LLAMA | {
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
}
# transformers quantises the transpose of what GPT-2's layers hold.
GPT2 = tiny_decoders.GPT2 | {"n_embd": 64, "n_head": 4, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
DECODERS = {
    "llama-nf4": (LlamaConfig, LLAMA, 702, {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}),
    "gpt2-nf4": (GPT2Config, GPT2, 703, {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}),
    "gpt2-int8": (GPT2Config, GPT2, 703, {"load_in_8bit": True}),
}


def weights():
    """Matrices whose rows are made of whole blocks, with what rounding can go wrong about."""
    values = functional.get_4bit_type("nf4", device="cpu")
    middles = (values[:-1] + values[1:]) / 2
    up, down = torch.tensor(float("inf")), torch.tensor(float("-inf"))
    around = torch.cat([middles, torch.nextafter(middles, up), torch.nextafter(middles, down)])
    ties = torch.cat([torch.tensor([1.0, -1.0, 0.0, -0.0]), around, values[:15]])
    halves = torch.cat([torch.tensor([127.0]), torch.arange(-31, 32) + 0.5])
    numbers = generator(710)
    ordinary = random_tensor(numbers, (5, 192), 0.05)
    outlier = random_tensor(numbers, (2, 128), 0.01)
    outlier[0, 77] = 30.0
    outlier[1, 5] = -1e-3 * 2**-100
    mixed = random_tensor(numbers, (3, 128), 1.0)
    mixed[0] = 0
    mixed[1, :64] = 0
    return {
        "ordinary": ordinary,
        "zeros": torch.zeros(2, 64),
        "some-zeros": mixed,
        "ties": torch.stack([ties, ties * 0.37, ties * 2**-40]),
        "halves": torch.stack([halves, halves * 0.01, -halves]),
        "outlier": outlier,
        "constant": torch.stack([torch.full((64,), 0.3), torch.full((64,), -7.5)]),
        "tiny": torch.stack([ordinary[0, :64] * 1e-37, ordinary[1, :64] * 1e-41]),
        "huge": ordinary[:2, :64] * 1e38 / ordinary.abs().max(),
    }


def encodings():
    tensors = {}
    for name, weight in weights().items():
        tensors[name] = weight
        codes, state = functional.quantize_4bit(weight, quant_type="nf4")
        tensors[f"{name}.nf4"] = codes.reshape(-1)
        tensors[f"{name}.nf4.absmax"] = state.absmax
        tensors[f"{name}.nf4.expanded"] = functional.dequantize_4bit(codes, state)
        # 127 divided by a subnormal number is infinite, and what becomes of that depends on the processor.
        if name != "tiny":
            rows, maxima, _ = torch.ops.bitsandbytes.int8_vectorwise_quant(weight.clone())
            tensors[f"{name}.int8"] = rows
            tensors[f"{name}.int8.SCB"] = maxima
            tensors[f"{name}.int8.expanded"] = functional.int8_vectorwise_dequant(rows, maxima)
        for kind in ("Q4_0", "Q4_1", "Q8_0"):
            # Half-precision scales end at 65504.
            if name in ("tiny", "huge"):
                continue
            blocks = gguf.quants.quantize(weight.numpy(), gguf.GGMLQuantizationType[kind])
            tensors[f"{name}.{kind}"] = torch.from_numpy(numpy.ascontiguousarray(blocks).reshape(-1))
    return tensors


def maxima():
    """Largest magnitudes of blocks, quantised themselves."""
    numbers = generator(711)
    cases = {
        "many": random_tensor(numbers, (700,), 0.02).abs() + 0.05,
        "whole": random_tensor(numbers, (512,), 1.0).abs(),
        "few": random_tensor(numbers, (3,), 1.0).abs(),
        "equal": torch.full((5,), 0.25),
    }
    tensors = {}
    for name, absmax in cases.items():
        offset = absmax.mean()
        codes, state = functional.quantize_blockwise(absmax - offset, blocksize=256)
        tensors[name] = absmax
        tensors[f"{name}.offset"] = offset.reshape(1)
        tensors[f"{name}.codes"] = codes
        tensors[f"{name}.scales"] = state.absmax
        tensors[f"{name}.values"] = state.code
        tensors[f"{name}.expanded"] = functional.dequantize_blockwise(codes, state) + offset
    return tensors


def loose():
    """Weights as a checkpoint has them whose last block, or whose rows, are not whole: the file, and what it stands for."""
    numbers = generator(712)
    stored, expanded = {}, {}
    for name, nested in (("plain", False), ("nested", True)):
        weight = random_tensor(numbers, (3, 50), 0.1)
        codes, state = functional.quantize_4bit(weight, quant_type="nf4", compress_statistics=nested)
        stored[f"{name}.weight"] = codes
        for key, value in state.as_dict(packed=True).items():
            stored[f"{name}.weight.{key}"] = value.clone()
        expanded[f"{name}.weight"] = functional.dequantize_4bit(codes, state)
    rows, scales, _ = torch.ops.bitsandbytes.int8_vectorwise_quant(random_tensor(numbers, (3, 50), 0.1))
    stored |= {"rows.weight": rows, "rows.SCB": scales, "rows.weight_format": torch.tensor(0, dtype=torch.uint8)}
    expanded["rows.weight"] = functional.int8_vectorwise_dequant(rows, scales)
    return stored, expanded


def write_checkpoint(name, output):
    shape, seed, options = CHECKPOINTS[name]
    configuration = BertConfig(
        vocab_size=tiny_bert.VOCABULARY,
        max_position_embeddings=tiny_bert.POSITIONS,
        hidden_act="gelu",
        id2label={0: "negative", 1: "neutral", 2: "positive"},
        label2id={"negative": 0, "neutral": 1, "positive": 2},
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        classifier_dropout=0.0,
        **shape,
    )
    model = BertForSequenceClassification(configuration)
    tiny_bert.fill(model, seed)
    quantized = quantize(model, options, output / name / "checkpoint")
    # In training, where it rounds inputs neither to 16 nor to 8 bits; no dropout is on.
    own = logits(quantized.train())
    plain = quantized.dequantize(dtype=torch.float32)
    reference.write_json(output / name / "expected.json", {"logits": logits(plain.eval()), "bitsandbytes": own})


def quantize(model, options, checkpoint):
    """As a user of transformers quantises a checkpoint and saves it."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        quantized = type(model).from_pretrained(
            folder,
            quantization_config=BitsAndBytesConfig(**options),
            dtype=torch.float32,
            device_map="cpu",
            attn_implementation="eager",
        )
    shutil.rmtree(checkpoint, ignore_errors=True)
    quantized.save_pretrained(checkpoint)
    (checkpoint / "generation_config.json").unlink(missing_ok=True)
    return quantized


def write_decoder(name, output):
    kind, shape, seed, options = DECODERS[name]
    model = AutoModelForCausalLM.from_config(kind(vocab_size=tiny_decoders.VOCABULARY, **shape))
    tiny_decoders.fill(model, seed)
    quantized = quantize(model, options, output / name / "checkpoint").train()
    with torch.no_grad():
        rows = [quantized(torch.tensor([sequence["ids"]])).logits[0] for sequence in tiny_decoders.batch()]
    reference.write_tensors(output / name / "logits.safetensors", {"logits": torch.cat(rows)})


def logits(model):
    rows = []
    with torch.no_grad():
        for sequence in tiny_bert.batch():
            ids, types = torch.tensor([sequence["ids"]]), torch.tensor([sequence["token_types"]])
            rows.append(model(input_ids=ids, token_type_ids=types).logits[0].tolist())
    return rows


def main():
    reference.prepare(reference.PINNED | {"bitsandbytes": "0.50.2"})
    torch.use_deterministic_algorithms(False)
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "quantized"
    output.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in encodings().items()}, output / "encodings.safetensors")
    save_file({key: value.contiguous() for key, value in maxima().items()}, output / "maxima.safetensors")
    stored, expanded = loose()
    save_file(stored, output / "loose.safetensors", metadata={"format": "pt"})
    save_file(expanded, output / "loose-expanded.safetensors")
    for name in CHECKPOINTS:
        write_checkpoint(name, output)
    for name in DECODERS:
        write_decoder(name, output)


if __name__ == "__main__":
    main()
