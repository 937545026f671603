"""Small random decoder checkpoints, one for each architecture and shape that loading tells apart."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)

from reference import generator, random_tensor

MODELS = Path(__file__).parent / "decoders" / "models"

BATCH_LENGTHS = [2, 7, 1, 19, 33]
TRAINING_LENGTHS = [5, 30, 2, 12, 33, 3, 21, 40, 8, 2, 17, 25, 4, 9, 26, 6, 40, 11, 2, 14]
BATCH_SIZE = 4

VOCABULARY = 50
POSITIONS = 48
LABELS = ["negative", "neutral", "positive"]

LLAMA = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 36,
    "max_position_embeddings": POSITIONS,
}
SMALL = LLAMA | {"hidden_size": 16, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 20}
GPT2 = {"n_embd": 18, "n_layer": 2, "n_head": 3, "n_positions": POSITIONS, "bos_token_id": 0, "eos_token_id": 0}

# All frequencies are on one side or the other of the two borders, or between them.
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 1000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 40,
}


@dataclass
class Checkpoint:
    """How a checkpoint is made and stored."""

    configuration: type
    shape: dict
    seed: int
    is_classifier: bool = False
    # What the file looks like: with shards of 16-bit floats, or without the outer prefix, or as an old one.
    treatment: str | None = None
    # Whether the gradients of all its tensors are stored, too.
    has_gradients: bool = False
    labels: list = field(default_factory=list)


CHECKPOINTS = {
    "llama": Checkpoint(LlamaConfig, LLAMA | {"rope_parameters": LLAMA3}, 200, has_gradients=True),
    "llama-tied": Checkpoint(
        LlamaConfig,
        SMALL
        | {
            "tie_word_embeddings": True,
            "attention_bias": True,
            "mlp_bias": True,
            "rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 500.0},
        },
        201,
        has_gradients=True,
    ),
    "llama-old": Checkpoint(LlamaConfig, SMALL, 202, treatment="old"),
    "llama-sharded": Checkpoint(LlamaConfig, LLAMA, 203, treatment="shard"),
    "llama-classifier": Checkpoint(
        LlamaConfig, SMALL | {"pad_token_id": 3}, 204, is_classifier=True, has_gradients=True, labels=LABELS
    ),
    "mistral": Checkpoint(MistralConfig, LLAMA | {"sliding_window": 6, "head_dim": 10}, 210, has_gradients=True),
    "qwen2": Checkpoint(
        Qwen2Config,
        LLAMA | {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1, "tie_word_embeddings": True},
        220,
        has_gradients=True,
    ),
    "qwen3": Checkpoint(Qwen3Config, LLAMA | {"head_dim": 8}, 230, has_gradients=True),
    "gpt2": Checkpoint(GPT2Config, GPT2, 240, has_gradients=True),
    "gpt2-unprefixed": Checkpoint(
        GPT2Config,
        GPT2
        | {"n_inner": 22, "activation_function": "relu", "scale_attn_by_inverse_layer_idx": True},
        241,
        treatment="unprefixed",
    ),
    "gpt2-classifier": Checkpoint(
        GPT2Config, GPT2 | {"pad_token_id": 0}, 242, is_classifier=True, has_gradients=True, labels=LABELS[:2]
    ),
}


def configuration(name):
    checkpoint = CHECKPOINTS[name]
    names = checkpoint.labels or ["LABEL_0", "LABEL_1"]
    return checkpoint.configuration(
        vocab_size=VOCABULARY,
        id2label=dict(enumerate(names)),
        label2id={label: i for i, label in enumerate(names)},
        **checkpoint.shape,
    )


def fill(model, seed):
    """Weights, biases and norms all random and of a size that makes every one of them matter."""
    numbers = generator(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            is_norm = "norm" in name or ".ln_" in name
            if is_norm and name.endswith("weight"):
                value = random_tensor(numbers, parameter.shape, 0.2, center=1.0)
            elif name.endswith("bias"):
                value = random_tensor(numbers, parameter.shape, 0.2)
            elif "embed" in name or "wte" in name or "wpe" in name:
                value = random_tensor(numbers, parameter.shape, 0.5)
            else:
                inputs = parameter.shape[0] if ".c_" in name else parameter.shape[-1]
                value = random_tensor(numbers, parameter.shape, 1.3 * inputs**-0.5)
            parameter.copy_(value)
    model.tie_weights()


def write_checkpoint(name, folder):
    checkpoint = CHECKPOINTS[name]
    kind = AutoModelForSequenceClassification if checkpoint.is_classifier else AutoModelForCausalLM
    model = kind.from_config(configuration(name), attn_implementation="eager")
    fill(model, checkpoint.seed)
    shutil.rmtree(folder, ignore_errors=True)
    if checkpoint.treatment == "shard":
        model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="12KB")
    elif checkpoint.treatment == "unprefixed":
        model.base_model.save_pretrained(folder)
    else:
        model.save_pretrained(folder)
    (Path(folder) / "generation_config.json").unlink(missing_ok=True)
    if checkpoint.treatment == "old":
        make_old(Path(folder))


def make_old(folder):
    """What transformers wrote before its fifth version: other entries for rotations, and their frequencies as tensors."""
    import json

    from safetensors.torch import load_file, save_file

    path = folder / "config.json"
    entries = json.loads(path.read_text())
    rotations = entries.pop("rope_parameters")
    entries["rope_theta"] = rotations["rope_theta"]
    entries["rope_scaling"] = None
    entries["torch_dtype"] = entries.pop("dtype")
    path.write_text(json.dumps(entries, indent=2) + "\n")
    tensors = load_file(folder / "model.safetensors")
    for block in range(entries["num_hidden_layers"]):
        tensors[f"model.layers.{block}.self_attn.rotary_emb.inv_freq"] = torch.ones(4)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def load(name, folder, classes=None):
    """As a user of transformers gets it: a language model, or a classifier where it is one or `classes` says so.

    A head that the checkpoint lacks is new, and filled here with known numbers.
    """
    arguments = {"attn_implementation": "eager", "dtype": torch.float32}
    if not classes and not CHECKPOINTS[name].is_classifier:
        return AutoModelForCausalLM.from_pretrained(folder, **arguments).eval()
    count = classes or len(CHECKPOINTS[name].labels)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=count, **arguments)
    model.config.pad_token_id = model.config.pad_token_id or 0
    if not CHECKPOINTS[name].is_classifier:
        with torch.no_grad():
            model.score.weight.copy_(random_tensor(generator(999), model.score.weight.shape, 0.3))
    return model.eval()


def batch():
    return sequences(11, BATCH_LENGTHS)


def training():
    return sequences(12, TRAINING_LENGTHS)


def sequences(seed, lengths):
    """Token ids (not the first four, among them those that fill up) and a class."""
    numbers = generator(seed)
    return [
        {"ids": numbers.integers(4, VOCABULARY, length).tolist(), "label": int(numbers.integers(0, 60))}
        for length in lengths
    ]
