"""Small random BERT checkpoints, one for each shape in which Hugging Face folders come."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, BertModel

from reference import generator, random_tensor

MODELS = Path(__file__).parent / "bert" / "models"

BATCH_LENGTHS = [1, 2, 7, 19, 37, 60]
TRAINING_LENGTHS = [5, 60, 1, 12, 33, 3, 21, 48, 8, 2, 17, 55, 4, 9, 26, 6, 40, 11, 1, 14]
BATCH_SIZE = 4

VOCABULARY = 120
POSITIONS = 64
LABELS = ["negative", "neutral", "positive", "mixed", "unclear"]

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 40}
LARGER = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64}
# Heads of 7 features: no multiple of any vector's width.
ODD = {"hidden_size": 21, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 30}

# name: (class that writes it, shape, label count, activation, what is done to the file, seed)
CHECKPOINTS = {
    "classifier": (BertForSequenceClassification, LARGER, 3, "gelu", None, 100),
    "gelu-new": (BertForSequenceClassification, SMALL, 2, "gelu_new", None, 101),
    "relu": (BertForSequenceClassification, SMALL, 2, "relu", None, 102),
    "one-label": (BertForSequenceClassification, SMALL, 1, "gelu", None, 103),
    "five-labels": (BertForSequenceClassification, SMALL, 5, "gelu", None, 104),
    "sharded": (BertForSequenceClassification, SMALL, 2, "gelu", "shard", 105),
    "unprefixed": (BertModel, SMALL, 2, "gelu", "position_ids", 106),
    "pretraining": (BertForPreTraining, SMALL, 2, "gelu", "gamma_beta", 107),
    "masked-lm": (BertForMaskedLM, SMALL, 2, "gelu", "gamma_beta", 108),
    "odd-heads": (BertForSequenceClassification, ODD, 3, "gelu", None, 109),
}


def has_classifier(name):
    return CHECKPOINTS[name][0] is BertForSequenceClassification


def configuration(name):
    _, shape, label_count, activation, _, _ = CHECKPOINTS[name]
    return BertConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=POSITIONS,
        hidden_act=activation,
        id2label={i: LABELS[i] for i in range(label_count)},
        label2id={LABELS[i]: i for i in range(label_count)},
        **shape,
    )


def fill(model, seed):
    """Weights, biases and norms all random and of a size that makes every one of them matter."""
    numbers = generator(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if "LayerNorm.weight" in name:
                value = random_tensor(numbers, parameter.shape, 0.2, center=1.0)
            elif name.endswith("bias"):
                value = random_tensor(numbers, parameter.shape, 0.2)
            elif "embeddings" in name:
                value = random_tensor(numbers, parameter.shape, 0.5)
            else:
                value = random_tensor(numbers, parameter.shape, 1.3 * parameter.shape[-1] ** -0.5)
            parameter.copy_(value)
    model.tie_weights()


def write_checkpoint(name, folder):
    kind, _, _, _, treatment, seed = CHECKPOINTS[name]
    model = kind(configuration(name))
    fill(model, seed)
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, max_shard_size="12KB" if treatment == "shard" else "5GB")
    file = folder / "model.safetensors"
    if treatment == "position_ids":
        ids = torch.arange(POSITIONS).unsqueeze(0)
        save_file(load_file(file) | {"embeddings.position_ids": ids}, file, metadata={"format": "pt"})
    if treatment == "gamma_beta":
        old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        tensors = {}
        for key, tensor in load_file(file).items():
            for new_name, old_name in old.items():
                key = key.replace(new_name, old_name)
            tensors[key] = tensor
        save_file(tensors, file, metadata={"format": "pt"})


def load_classifier(name, folder):
    """As a user of transformers gets it; parts the checkpoint lacks are new, and filled here with known numbers."""
    label_count = CHECKPOINTS[name][2]
    model, report = BertForSequenceClassification.from_pretrained(
        folder, num_labels=label_count, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
    )
    numbers = generator(999)
    with torch.no_grad():
        for key in sorted(report["missing_keys"]):
            model.get_parameter(key).copy_(random_tensor(numbers, model.get_parameter(key).shape, 0.3))
    report = {key: sorted(map(str, report[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    model.name_or_path = "tiny-bert-" + name
    return model.eval(), report


def stored_classifier(name):
    """A checkpoint as it is stored beside this script."""
    return load_classifier(name, MODELS / name / "checkpoint")[0]


def batch():
    return sequences(1, BATCH_LENGTHS)


def training():
    return sequences(2, TRAINING_LENGTHS)


def sequences(seed, lengths):
    """Token ids (never the padding id 0), two token types where a sequence is long enough, a class."""
    numbers = generator(seed)
    out = []
    for length in lengths:
        second = int(numbers.integers(1, length + 1)) if length > 3 else length
        out.append(
            {
                "ids": numbers.integers(1, VOCABULARY, length).tolist(),
                "token_types": [0] * second + [1] * (length - second),
                "label": int(numbers.integers(0, 60)),
            }
        )
    return out
