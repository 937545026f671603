"""Writes Tests/Golden/formats: files of Python's safetensors, huggingface_hub and json, and what is in them."""

import json
import math
import pathlib
import random
import shutil
import struct

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "formats"


def bits(tensor):
    """The tensor as float32, each element by its bit pattern, so that NaN and signed zeros survive JSON."""
    return [value & 0xFFFFFFFF for value in tensor.to(torch.float32).reshape(-1).view(torch.int32).tolist()]


def write_types():
    """One tensor of every type that torch can store, with special values where the type has them."""
    special = [0.0, -0.0, 1.0, -2.5, math.inf, -math.inf, math.nan, 65504.0, 6e-8, -3e-5, 0.1, 1e-3]
    wide = special + [1e38, 1e-40, 1 / 3, 16777217.0, 1e300, -1e-300]
    floats = {
        "f16": torch.tensor(special, dtype=torch.float16),
        "bf16": torch.tensor(special + [3e38, 1e-40], dtype=torch.bfloat16),
        "f32": torch.tensor(wide, dtype=torch.float32).reshape(2, 3, 3),
        "f64": torch.tensor(wide, dtype=torch.float64).reshape(3, 6),
        "scalar": torch.tensor(-7.25),
        "empty": torch.zeros(0, 5),
    }
    integers = {
        "u8": torch.tensor([[0, 1], [254, 255]], dtype=torch.uint8),
        "i8": torch.tensor([-128, -1, 0, 127], dtype=torch.int8),
        "u16": torch.tensor([0, 1, 65535], dtype=torch.uint16),
        "i16": torch.tensor([-32768, -1, 32767], dtype=torch.int16),
        "u32": torch.tensor([0, 4294967295], dtype=torch.uint32),
        "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "u64": torch.tensor([0, 2**63 - 1], dtype=torch.uint64),
        "i64": torch.tensor([-(2**63), 2**63 - 1], dtype=torch.int64),
    }
    others = {
        "bool": torch.tensor([True, False, True]),
        "c64": torch.tensor([1 + 2j]),
        "f8_e4m3": torch.tensor([1.0, -2.0, 0.5]).to(torch.float8_e4m3fn),
        "f8_e5m2": torch.tensor([1.0, -2.0]).to(torch.float8_e5m2),
        "f8_e8m0": torch.tensor([1.0, 2.0]).to(torch.float8_e8m0fnu),
        "f8_e4m3fnuz": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fnuz),
        "f8_e5m2fnuz": torch.tensor([1.0, 2.0]).to(torch.float8_e5m2fnuz),
    }
    save_file(floats | integers | others, FOLDER / "types.safetensors", {"format": "pt"})
    expected = {
        "floats": {
            name: {"shape": list(tensor.shape), "bits": bits(tensor)} for name, tensor in floats.items()
        },
        "integers": {
            name: {"shape": list(tensor.shape), "values": tensor.reshape(-1).tolist()}
            for name, tensor in integers.items()
        },
        "others": sorted(others),
    }
    (FOLDER / "types.json").write_text(json.dumps(expected, indent=1))


def write_layout():
    """The bytes that a writer must reproduce from the same tensors, which the test lists again."""
    tensors = {
        "b.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4,
        "a.bias": torch.tensor([1.5, -0.0, 1e-30]),
        "B": torch.tensor(3.25),
        "caf\u00e9 \"\u540d\"\n\x7f": torch.tensor([1.0]),
        "empty": torch.zeros(0, 3),
        "bytes": torch.tensor([1, 2, 255], dtype=torch.uint8),
        "flags": torch.tensor([True, False]),
        "steps": torch.tensor([-1, 2**40], dtype=torch.int64),
        "half": torch.tensor([1.0, -2.0], dtype=torch.float16),
        "brain": torch.tensor([1.0, -2.0], dtype=torch.bfloat16),
        "double": torch.tensor([0.1], dtype=torch.float64),
    }
    save_file(tensors, FOLDER / "layout.safetensors", {"format": "pt"})
    save_file({}, FOLDER / "nothing.safetensors")


def write_shards():
    """A checkpoint that huggingface_hub splits into several files."""
    folder = FOLDER / "sharded"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    generator = torch.Generator().manual_seed(0)
    tensors = {f"layer.{i}.weight": torch.randn(4, 3, generator=generator) for i in range(5)}
    save_torch_state_dict(tensors, folder, max_shard_size=100)
    expected = {name: bits(tensor) for name, tensor in tensors.items()}
    (FOLDER / "sharded.json").write_text(json.dumps(expected, indent=1))


def write_json():
    """What json.dumps writes: doubles of every size by their bit pattern, and a value with all kinds of members."""
    random.seed(0)
    doubles = [0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e-4, 9.999e-5, 1e-5, 1e15, 1e16]
    doubles += [9999999999999998.0, 123456789012345680.0, 5e-4, 2e-5, 0.1, 1 / 3, 2 / 3, 16.0, 1e22, 1e23, 1e21]
    doubles += [float(10**power) for power in range(-20, 20)] + [2.0**power for power in range(-40, 70, 3)]
    while len(doubles) < 800:
        (value,) = struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))
        if math.isfinite(value):
            doubles.append(value)
        doubles.append(random.gauss(0, 10 ** random.randint(-8, 18)))
    pairs = [[str(struct.unpack("<Q", struct.pack("<d", value))[0]), json.dumps(value)] for value in doubles]
    (FOLDER / "doubles.json").write_text(json.dumps(pairs, indent=0))
    value = {
        "r": 8,
        "lora_alpha": 16.0,
        "rates": [1e-05, 0.002, -1.5e300, 1e16, 0],
        "none": None,
        "flags": [True, False, [], {}, [[]], {"": {}}],
        "caf\u00e9": "\u540d \U0001f600 \u007f \u0000 \u001f \b\f\n\r\t \" \\ /",
        "\U0001f600": "beyond the basic plane",
        "\ufb01": "before it in code points, after it in UTF-16",
        "e\u0301": 1,
        "\u00e9": 2,
        "Z": {"b": [{"y": 1, "x": [2, 3]}], "a": "x"},
    }
    (FOLDER / "dumps.json").write_text(json.dumps(value, indent=2, sort_keys=True))


FOLDER.mkdir(exist_ok=True)
write_types()
write_layout()
write_shards()
write_json()
