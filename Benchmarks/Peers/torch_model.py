"""The PyTorch side's models: transformers' BERT and Llama, as fast as two threads on a CPU make them."""

import os
import resource
import sys
from pathlib import Path

# OpenBLAS reads it; forcing another core type would slow numpy down.
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
import transformers

LABELS = ["negative", "positive"]


def prepare(threads, seed):
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    transformers.set_seed(seed)


def label_names():
    """The entries of a configuration that name the classes."""
    return {
        "num_labels": len(LABELS),
        "id2label": dict(enumerate(LABELS)),
        "label2id": {label: i for i, label in enumerate(LABELS)},
    }


def classifier(model_folder, dropout=None):
    """The checkpoint, with a new head if it has none; scaled-dot-product attention is the fastest there is on a CPU.

    `dropout` replaces all probabilities of the configuration.
    """
    given = {} if dropout is None else dict.fromkeys(
        ["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"], dropout
    )
    return transformers.BertForSequenceClassification.from_pretrained(
        model_folder, attn_implementation="sdpa", dtype=torch.float32, **label_names(), **given
    )


def language_model(model_folder, attention="sdpa"):
    """A checkpoint that predicts the next token; it keeps no keys and values, which training doesn't use."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        model_folder, attn_implementation=attention, dtype=torch.float32
    )
    model.config.use_cache = False
    return model


def description(model):
    """What a page of figures says about this side."""
    packages = ["torch", "transformers", "peft", "adapters"]
    return {
        "attention": model.config._attn_implementation,
        "dtype": str(model.dtype).removeprefix("torch."),
        "versions": {name: sys.modules[name].__version__ for name in packages if name in sys.modules},
    }


def peak_resident_bytes():
    """VmHWM where the kernel has it: the highest resident memory since the process began."""
    for line in Path("/proc/self/status").read_text().splitlines() if sys.platform == "linux" else []:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
