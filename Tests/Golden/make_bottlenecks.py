"""Writes bert/bottlenecks/: bottleneck adapters of AdapterHub's adapters on the tiny checkpoints, and their counts.

    make_bottlenecks.py [OUTPUT_FOLDER]

Run it with the environment of `Scripts/oracle/make-environments adapters`, which has an older transformers.
"""

import logging
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import adapters
import torch
import transformers
from adapters import BnConfig, DoubleSeqBnConfig, ParBnConfig, SeqBnConfig
from safetensors.torch import load_file

import reference
import tiny_bert

PINNED = {"torch": "2.13.0", "transformers": "4.57.6", "adapters": "1.3.0"}
LEARNING_RATE = 5e-3


@dataclass
class Recipe:
    """What is passed to add_adapter and add_classification_head, on which checkpoint."""

    configuration: BnConfig
    seed: int
    checkpoint: str = "classifier"
    # BERT's own pooler and one linear; None is the package's own head of two layers.
    own_pooler: bool = True


# Reduction factors that leave more than one feature of 32 or 21.
RECIPES = {
    "seq-bn": Recipe(SeqBnConfig(reduction_factor=8), 1),
    "double-seq-bn": Recipe(DoubleSeqBnConfig(reduction_factor=8), 2),
    "par-bn": Recipe(ParBnConfig(), 3),
    "scaled-par-bn": Recipe(ParBnConfig(scaling="learned", reduction_factor=4), 4),
    "seq-bn-odd-heads": Recipe(SeqBnConfig(reduction_factor=4), 5, "odd-heads"),
    "seq-bn-default-head": Recipe(SeqBnConfig(reduction_factor=8), 6, own_pooler=False),
    "reduction-by-layer": Recipe(DoubleSeqBnConfig(reduction_factor={"default": 4, "1": 2}, non_linearity="gelu"), 7),
    "left-out-layer": Recipe(SeqBnConfig(reduction_factor=8, leave_out=[1], scaling=0.5), 8),
    "double-original-norm-before": Recipe(
        DoubleSeqBnConfig(reduction_factor=8, original_ln_before=True, non_linearity="tanh"), 9
    ),
    "residual-after-addition": Recipe(SeqBnConfig(reduction_factor=8, residual_before_ln="post_add"), 10),
    "residual-after-norm": Recipe(SeqBnConfig(reduction_factor=8, residual_before_ln=False), 11),
    "no-norm-after": Recipe(SeqBnConfig(reduction_factor=8, residual_before_ln=False, original_ln_after=False), 12),
    "par-bn-both-places": Recipe(ParBnConfig(mh_adapter=True, reduction_factor=4, scaling=2.0), 13),
    "par-bn-odd-heads": Recipe(ParBnConfig(), 14, "odd-heads"),
}

COUNTED = {
    "seq_bn": SeqBnConfig(),
    "double_seq_bn": DoubleSeqBnConfig(),
    "par_bn": ParBnConfig(),
    "scaled_par_bn": ParBnConfig(scaling="learned"),
    "double_seq_bn, reduction 8": DoubleSeqBnConfig(reduction_factor=8),
    "seq_bn, reduction 16, in layer 1 2": SeqBnConfig(reduction_factor={"default": 16, "1": 2}),
    "seq_bn, reduction 7": SeqBnConfig(reduction_factor=7),
}
SHAPES = {
    "bert-base, 2 labels": {},
    "minilm, 2 labels": {
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
}


def base(checkpoint):
    model = adapters.BertAdapterModel.from_pretrained(
        tiny_bert.MODELS / checkpoint / "checkpoint", attn_implementation="eager", dtype=torch.float32
    )
    model.name_or_path = model.config.name_or_path = model.config._name_or_path = "tiny-bert-" + checkpoint
    # The package makes a head of this name from the checkpoint's classifier, and would train it, too.
    model.delete_head("default")
    return model.eval()


def adapted(name):
    """The model with the adapter as the package builds it, and a head of the same name."""
    recipe = RECIPES[name]
    model = base(recipe.checkpoint)
    labels = dict(model.config.id2label)
    model.add_adapter(name, config=recipe.configuration)
    if recipe.own_pooler:
        model.add_classification_head(name, num_labels=len(labels), layers=1, use_pooler=True, id2label=labels)
    else:
        model.add_classification_head(name, num_labels=len(labels), id2label=labels)
    model.train_adapter(name)
    return model.eval()


def fill(model, seed):
    numbers = reference.generator(40_000 + seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if not parameter.requires_grad:
                continue
            scale, center = (0.3 if parameter.dim() == 1 else 0.8 * parameter.shape[-1] ** -0.5), 0.0
            if name.endswith("scaling"):
                scale, center = 0.2, 1.5
            parameter.copy_(reference.random_tensor(numbers, parameter.shape, scale, center))


def stored_names(folder):
    """The keys of both files."""
    return set(load_file(folder / "adapter.safetensors")) | set(load_file(folder / "model_head.safetensors"))


def weakest_tensor(name, model, batch, logits):
    """Every tensor must matter: the one whose removal changes the logits least, and by how much."""
    least = None
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad:
            kept = parameter.detach().clone()
            parameter.data.zero_()
            without = reference.logits_of(model, batch)
            apart = reference.require_difference(f"{name} without {parameter_name}", logits, without, 10)
            parameter.data.copy_(kept)
            least = min(least or [parameter_name, apart], [parameter_name, apart], key=lambda pair: pair[1])
    return least


def describe(name, folder, batch, training):
    recipe = RECIPES[name]
    model = adapted(name)
    fill(model, recipe.seed)
    folder.mkdir(parents=True)
    model.save_adapter(str(folder / "adapter"), name, use_safetensors=True)
    trainable = {n for n, p in model.named_parameters() if p.requires_grad}
    if trainable != stored_names(folder / "adapter"):
        sys.exit(f"{name}: other tensors are stored than trained: {trainable ^ stored_names(folder / 'adapter')}")

    # What is stored must be what the package itself makes of the folder, loaded onto the checkpoint.
    loaded = base(recipe.checkpoint)
    if loaded.load_adapter(str(folder / "adapter"), set_active=True, use_safetensors=True) != name:
        sys.exit(f"{name}: the package loads its own folder under another name")
    logits = reference.logits_of(loaded, batch)
    if not torch.equal(logits, reference.logits_of(model, batch)):
        sys.exit(f"{name}: the package loads its own folder with other logits")
    loaded.train_adapter(name)
    loaded.set_active_adapters(None)
    head_only = reference.logits_of(loaded, batch)
    loaded.set_active_adapters(name)

    apart = reference.require_difference(f"{name} without the adapter", logits, head_only, 100)
    weakest = weakest_tensor(name, loaded, batch, logits)
    count = sum(p.numel() for p in loaded.parameters() if p.requires_grad)
    expected, gradients, trained = reference.describe_adapter(
        loaded, batch, training, logits.shape[1], tiny_bert.BATCH_SIZE, LEARNING_RATE, lambda _, named: dict(named)
    )
    expected = {
        "checkpoint": recipe.checkpoint,
        "method": "adapter",
        "trainable_parameters": count,
        "all_parameters": sum(p.numel() for p in loaded.parameters()),
        "logits_without_adapter": head_only.tolist(),
        "tolerances_apart_without_adapter": apart,
        "tolerances_apart_without_weakest_tensor": weakest,
    } | expected
    reference.write_json(folder / "expected.json", expected)
    reference.write_tensors(folder / "gradients.safetensors", gradients)
    reference.write_tensors(folder / "trained.safetensors", trained)
    trace = expected["training"]
    print(
        f"  {name:28} {count:6} trainable  {apart:7.0f} apart, weakest tensor {weakest[1]:6.1f}"
        f"  loss {trace['losses'][0]:.3f} to {trace['losses'][-1]:.3f}"
        f"  float against double: gradients {expected['gradients_float_against_double']:.1e},"
        f" trained {trace['trained_float_against_double']:.1e}"
    )


def parameter_counts():
    """Of the adapters alone, without a head."""
    rows = []
    for shape, settings in SHAPES.items():
        for name, configuration in COUNTED.items():
            with torch.device("meta"):
                model = adapters.BertAdapterModel(transformers.BertConfig(**settings))
                model.add_adapter("counted", config=configuration)
            model.train_adapter("counted")
            trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
            rows.append({
                "model": shape,
                "adapter": name,
                "trainable": trainable,
                "reduction_factor": configuration.reduction_factor,
                "mh_adapter": configuration.mh_adapter,
                "scaling": configuration.scaling,
            })
    return rows


def main():
    reference.prepare(PINNED)
    logging.getLogger("adapters").setLevel(logging.ERROR)
    here = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "bert"
    shutil.rmtree(here / "bottlenecks", ignore_errors=True)
    reference.write_json(here / "bottleneck-counts.json", parameter_counts())
    for name in RECIPES:
        describe(name, here / "bottlenecks" / name, tiny_bert.batch(), tiny_bert.training())


if __name__ == "__main__":
    main()
