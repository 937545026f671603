"""adapters' side of check_interchange_adapters.py: load strictly, write random adapters, compute logits."""

import logging
import math
import os
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import adapters
import tokenizers
import torch
import transformers
from adapters import BnConfig, DoubleSeqBnConfig, ParBnConfig, SeqBnConfig
from safetensors.torch import load_file

RECIPES = {
    "seq-bn": SeqBnConfig(),
    "double-seq-bn": DoubleSeqBnConfig(),
    "par-bn": ParBnConfig(),
    "scaled-par-bn": ParBnConfig(scaling="learned"),
    "by-layer": DoubleSeqBnConfig(reduction_factor={"default": 8, "2": 3.5}, leave_out=[4], non_linearity="gelu"),
    "own-norm": BnConfig(
        mh_adapter=True,
        output_adapter=True,
        reduction_factor=12,
        non_linearity="tanh",
        ln_after=True,
        adapter_residual_before_ln=True,
        scaling="channel",
    ),
    "parallel-own-norm": ParBnConfig(mh_adapter=True, ln_after=True, scaling=0.5, reduction_factor=24),
}


def cache():
    return Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")


def prepare():
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    # It warns whenever an adapter is there and not active, which is how the head is tried alone.
    logging.getLogger("adapters").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning)


def base(model_folder):
    return adapters.BertAdapterModel.from_pretrained(
        model_folder, attn_implementation="eager", dtype=torch.float32
    ).eval()


def load(model_folder, adapter_folder):
    """The adapter with its head on its base; ends the program on any key too few or too many."""
    tensors = load_file(adapter_folder / "adapter.safetensors") | load_file(adapter_folder / "model_head.safetensors")
    model = base(model_folder)
    info = {}
    name = model.load_adapter(str(adapter_folder), set_active=True, use_safetensors=True, loading_info=info)
    if any(info.get(key) for key in ("missing_keys", "unexpected_keys")):
        sys.exit(f"{adapter_folder}: {info}")
    own = own_tensors(model, name)
    if set(own) != set(tensors):
        sys.exit(f"{adapter_folder}: other keys than those of the model: {sorted(set(own) ^ set(tensors))}")
    different = sorted(key for key in tensors if not torch.equal(own[key], tensors[key]))
    if different:
        sys.exit(f"{adapter_folder}: adapters did not take over {different}")
    if model.active_head != name:
        sys.exit(f"{adapter_folder}: the active head is {model.active_head}, not {name}")
    return model.eval()


def own_tensors(model, name):
    """What belongs to the adapter and its head, by its keys."""
    return {
        key: value
        for key, value in model.state_dict().items()
        if f".adapters.{name}." in key or key.startswith(f"heads.{name}.")
    }


def write_random(model_folder, adapter_folder, name, configuration, own_pooler):
    """A folder as adapters writes it, every tensor random and non-zero, and the model it was written from."""
    torch.manual_seed(0)
    model = base(model_folder)
    model.add_adapter(name, config=configuration)
    layers = {"layers": 2} if own_pooler else {"layers": 1, "use_pooler": True}
    model.add_classification_head(name, num_labels=2, id2label={0: "negative", 1: "positive"}, **layers)
    model.set_active_adapters(name)
    with torch.no_grad():
        for tensor in own_tensors(model, name).values():
            tensor.normal_(std=0.1)
    model.save_adapter(str(adapter_folder), name, use_safetensors=True)
    return model.eval()


def logits(model, model_folder, texts, max_length):
    """One row after the other, without padding."""
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(model_folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    with torch.inference_mode():
        return [model(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits[0].tolist() for text in texts]


def logits_without_adapter(model, model_folder, texts, max_length):
    """The same head on the base."""
    active = model.active_adapters
    model.set_active_adapters(None)
    bare = logits(model, model_folder, texts, max_length)
    model.set_active_adapters(active)
    return bare


def softmax(values):
    exponentials = [math.exp(v - max(values)) for v in values]
    return [e / sum(exponentials) for e in exponentials]
