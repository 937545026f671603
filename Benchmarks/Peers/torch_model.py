"""The PyTorch side's model: transformers' BERT, as fast as two threads on a CPU make it."""

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


def classifier(model_folder):
    """The checkpoint with a new head; scaled-dot-product attention is the fastest there is on a CPU."""
    return transformers.BertForSequenceClassification.from_pretrained(
        model_folder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
        attn_implementation="sdpa",
        dtype=torch.float32,
    )


def peak_resident_bytes():
    """VmHWM where the kernel has it: the highest resident memory since the process began."""
    for line in Path("/proc/self/status").read_text().splitlines() if sys.platform == "linux" else []:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def flops_per_token(config, length, rank, adapted_matrices):
    """Multiply-adds count two. A frozen matrix costs its forward and dX; LoRA also both weight gradients.

    The lowest block's dX of the query, key and value is not needed to reach the embeddings and is left out.
    """
    d, f, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    block = 4 * d * d + 2 * d * f
    frozen = 2 * layers * block + 2 * (layers * block - 3 * d * d)
    attention = layers * 3 * 2 * (2 * length * d)
    lora = 6 * layers * adapted_matrices * 2 * rank * d
    return frozen + attention + lora
