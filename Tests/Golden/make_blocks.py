"""Writes Tests/Golden/gguf: encoded blocks and GGUF files of Python's gguf, and what it reads in them."""

import json
import math
import pathlib
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "gguf"
# For each type, where a block has its half-precision floats: random bytes there could be no numbers.
SCALES = {
    Type.Q4_0: [0],
    Type.Q4_1: [0, 2],
    Type.Q5_0: [0],
    Type.Q5_1: [0, 2],
    Type.Q8_0: [0],
    Type.Q4_K: [0, 2],
    Type.Q5_K: [0, 2],
    Type.Q6_K: [208],
}
ENCODED = [Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q8_0]


def stream(purpose):
    """Random numbers that are the same on every machine."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(purpose.encode()[:8].ljust(8), "little")))


def random_blocks(kind, count):
    """Blocks of random bytes, with scales of every magnitude."""
    random = stream(kind.name)
    blocks = random.integers(0, 256, (count, gguf.GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
    for offset in SCALES[kind]:
        scales = (random.standard_normal(count) * 10.0 ** random.integers(-6, 4, count)).astype(np.float16)
        blocks[:, offset : offset + 2] = scales.view(np.uint8).reshape(count, 2)
    return blocks


def halves():
    """Halves of all kinds but NaN, whose bits are nobody's promise."""
    special = np.array([0, -0.0, 1, -2.5, math.inf, -math.inf, 65504, 6e-8, -6e-5, 6.2e-5], np.float16)
    some = stream("halves").integers(0, 1 << 16, 501, dtype=np.uint16)
    return special.view(np.uint16), some


def write_blocks():
    tensors = {}
    for kind in SCALES:
        blocks = random_blocks(kind, 24)
        tensors[f"{kind.name}.blocks"] = blocks.reshape(-1)
        tensors[f"{kind.name}.floats"] = gguf.dequantize(blocks, kind).astype(np.float32).reshape(-1)
    special, some = halves()
    for kind, exponent in [(Type.F16, 0x7C00), (Type.BF16, 0x7F80)]:
        numbers = np.concatenate([special, some[(some & exponent) != exponent]])
        tensors[f"{kind.name}.blocks"] = numbers.view(np.uint8)
        tensors[f"{kind.name}.floats"] = gguf.dequantize(numbers.view(np.uint8), kind).astype(np.float32).reshape(-1)
    random = stream("weights")
    weights = (random.standard_normal((20, 64)) * 10.0 ** random.integers(-3, 3, (20, 1))).astype(np.float32)
    weights[7, :32] = 0  # a block without a scale
    weights[8, 32:] = -1.5
    tensors["weights"] = weights
    for kind in ENCODED:
        tensors[f"{kind.name}.encoded"] = gguf.quantize(weights, kind).view(np.uint8).reshape(-1)
    save_file(tensors, FOLDER / "blocks.safetensors")


def write_values():
    """Metadata of every type, and tensors of several."""
    path = FOLDER / "values.gguf"
    writer = gguf.GGUFWriter(path, "nothing")
    writer.add_custom_alignment(64)
    for name, value in {"uint8": 255, "int8": -128, "uint16": 65535, "int16": -32768, "uint32": 2**32 - 1,
                        "int32": -(2**31), "uint64": 2**63 - 1, "int64": -(2**63), "float32": 0.1,
                        "float64": 0.1, "bool": True, "string": "Größe 名 🙂"}.items():
        getattr(writer, f"add_{name}")(f"one.{name}", value)
    writer.add_uint64("one.large", 2**64 - 1)
    writer.add_array("many.strings", ["a", "", "Ġthe", "名"])
    writer.add_array("many.integers", [3, -1, 2**31 - 1])
    writer.add_array("many.floats", [0.5, -1e-5])
    writer.add_array("many.bools", [True, False])
    random = stream("tensors")
    weights = random.standard_normal((3, 64)).astype(np.float32)
    expected = {}
    for kind in [Type.F32, Type.F16, Type.Q8_0, Type.Q4_1]:
        writer.add_tensor(f"t.{kind.name}", gguf.quantize(weights, kind), raw_dtype=kind)
        expected[f"t.{kind.name}"] = gguf.dequantize(gguf.quantize(weights, kind), kind).astype(np.float32)
    expected["t.vector"] = gguf.quantize(weights[0], Type.F16).astype(np.float32)
    writer.add_tensor("t.vector", gguf.quantize(weights[0], Type.F16))
    writer.add_tensor("t.double", weights.astype(np.float64))
    expected["t.double"] = weights
    writer.add_tensor("t.integers", np.arange(6, dtype=np.int32).reshape(2, 3))
    finish(writer)
    save_file(expected, FOLDER / "values.safetensors")


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def permuted(weights, heads):
    """The rows of queries and keys as llama.cpp's converter has them for Llama."""
    shape = weights.shape
    return weights.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def write_decoder(architecture):
    """A tiny decoder, its matrices in Q8_0, and its tensors by their names in a Hugging Face checkpoint."""
    width, heads, pairs, head_width, wide, vocabulary = 32, 4, 2, 16, 64, 24
    writer = gguf.GGUFWriter(FOLDER / f"{architecture}.gguf", architecture)
    writer.add_context_length(256)
    writer.add_block_count(2)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(wide)
    writer.add_head_count(heads)
    writer.add_head_count_kv(pairs)
    writer.add_key_length(head_width)
    writer.add_value_length(head_width)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(500000.0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    random = stream(architecture)
    expected = {}

    def add(ours, theirs, *shape, heads=None):
        weights = random.standard_normal(shape).astype(np.float32)
        kind = Type.Q8_0 if len(shape) == 2 else Type.F32
        stored = permuted(weights, heads) if heads and architecture == "llama" else weights
        writer.add_tensor(ours, gguf.quantize(stored, kind), raw_dtype=kind)
        expected[theirs] = gguf.dequantize(gguf.quantize(weights, kind), kind).astype(np.float32)

    add("token_embd.weight", "model.embed_tokens.weight", vocabulary, width)
    for block in range(2):
        ours, theirs = f"blk.{block}", f"model.layers.{block}"
        add(f"{ours}.attn_norm.weight", f"{theirs}.input_layernorm.weight", width)
        for letter, count in [("q", heads), ("k", pairs), ("v", pairs)]:
            own = count if letter in "qk" else None
            rows = count * head_width
            add(f"{ours}.attn_{letter}.weight", f"{theirs}.self_attn.{letter}_proj.weight", rows, width, heads=own)
            if architecture == "qwen2":
                add(f"{ours}.attn_{letter}.bias", f"{theirs}.self_attn.{letter}_proj.bias", rows)
            if architecture == "qwen3" and own:
                add(f"{ours}.attn_{letter}_norm.weight", f"{theirs}.self_attn.{letter}_norm.weight", head_width)
        add(f"{ours}.attn_output.weight", f"{theirs}.self_attn.o_proj.weight", width, heads * head_width)
        add(f"{ours}.ffn_norm.weight", f"{theirs}.post_attention_layernorm.weight", width)
        add(f"{ours}.ffn_gate.weight", f"{theirs}.mlp.gate_proj.weight", wide, width)
        add(f"{ours}.ffn_up.weight", f"{theirs}.mlp.up_proj.weight", wide, width)
        add(f"{ours}.ffn_down.weight", f"{theirs}.mlp.down_proj.weight", width, wide)
    add("output_norm.weight", "model.norm.weight", width)
    if architecture == "qwen2":
        add("output.weight", "lm_head.weight", vocabulary, width)
    finish(writer)
    save_file(expected, FOLDER / f"{architecture}.safetensors")


def write_model(path):
    """Some rows of a real model by their bit patterns, in Hugging Face's order."""
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    rows = {}
    for theirs, ours, heads, chosen in [
        ("model.embed_tokens.weight", "token_embd.weight", None, [0, 1000, 49151]),
        ("model.layers.0.self_attn.q_proj.weight", "blk.0.attn_q.weight", 9, [0, 1, 40, 575]),
        ("model.layers.29.self_attn.k_proj.weight", "blk.29.attn_k.weight", 3, [0, 33, 191]),
        ("model.layers.3.mlp.down_proj.weight", "blk.3.ffn_down.weight", None, [575]),
    ]:
        tensor = tensors[ours]
        floats = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if heads:
            half = floats.shape[0] // heads // 2
            floats = floats.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(floats.shape)
        rows[theirs] = {
            "shape": list(floats.shape),
            "rows": {str(row): floats[row].view(np.uint32).tolist() for row in chosen},
        }
    (FOLDER / "smollm2.json").write_text(json.dumps(rows) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write_blocks()
    write_values()
    for architecture in ["llama", "qwen2", "qwen3"]:
        write_decoder(architecture)
    if len(sys.argv) > 1:
        write_model(pathlib.Path(sys.argv[1]) / "smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf")
