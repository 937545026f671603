"""Writes bert/combinations/: weighted combinations of three LoRA adapters by peft's add_weighted_adapter.

    make_combinations.py [OUTPUT_FOLDER]
"""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import peft
import torch
from peft.tuners.lora.layer import LoraLayer

import reference
import tiny_bert

CHECKPOINT = "classifier"
TARGETS = ["query", "output.dense"]

# name: what is passed to LoraConfig. Without a task, since peft combines no two adapters that both bring a head.
INPUTS = {
    "rank-two": {"r": 2, "lora_alpha": 5},
    "rank-three": {"r": 3, "lora_alpha": 4},
    "rank-four": {"r": 4, "lora_alpha": 6},
    "other-rank-four": {"r": 4, "lora_alpha": 3},
    "third-rank-four": {"r": 4, "lora_alpha": 10},
    "rslora": {"r": 4, "lora_alpha": 6, "use_rslora": True},
}
MIXED = ["rank-two", "rank-three", "rank-four"]
EQUAL = ["rank-four", "other-rank-four", "third-rank-four"]
WEIGHTS = [1.0, 0.7, 1.6]
SIGNED = [1.0, -0.7, 1.6]


@dataclass
class Combination:
    """What is passed to add_weighted_adapter."""

    kind: str
    adapters: list[str]
    weights: list[float]
    options: dict = field(default_factory=dict)
    # peft then scales the result once too often: the case shows what it does, not what is right.
    is_right: bool = True


TOTAL = {"density": 0.5, "majority_sign_method": "total"}
FREQUENCY = {"density": 0.5, "majority_sign_method": "frequency"}

COMBINATIONS = {
    "cat": Combination("cat", MIXED, WEIGHTS),
    "cat-negative": Combination("cat", MIXED, SIGNED),
    "cat-rslora": Combination("cat", ["rslora", "rank-two"], [1.0, 0.7], is_right=False),
    # The combined adapter takes its settings from the first one: here it scales without a root.
    "cat-rslora-second": Combination("cat", ["rank-two", "rslora"], [1.0, 0.7]),
    "linear": Combination("linear", EQUAL, WEIGHTS),
    "linear-negative": Combination("linear", EQUAL, SIGNED),
    "svd": Combination("svd", MIXED, WEIGHTS),
    "svd-negative": Combination("svd", MIXED, SIGNED),
    "svd-rank-nine": Combination("svd", MIXED, WEIGHTS, {"svd_rank": 9}),
    "ties-total": Combination("ties", EQUAL, WEIGHTS, TOTAL),
    "ties-frequency": Combination("ties", EQUAL, WEIGHTS, FREQUENCY),
    "ties-negative": Combination("ties", EQUAL, SIGNED, TOTAL),
    "ties-svd": Combination("ties_svd", MIXED, WEIGHTS, TOTAL),
    "magnitude-prune": Combination("magnitude_prune", EQUAL, WEIGHTS, {"density": 0.5}),
    "magnitude-prune-negative": Combination("magnitude_prune", EQUAL, SIGNED, {"density": 0.3}),
    "magnitude-prune-svd": Combination("magnitude_prune_svd", MIXED, WEIGHTS, {"density": 0.5}),
    # Nothing is dropped at random.
    "dare-linear": Combination("dare_linear", EQUAL, WEIGHTS, {"density": 1.0}),
    "dare-ties-total": Combination("dare_ties", EQUAL, WEIGHTS, {"density": 1.0, "majority_sign_method": "total"}),
    "dare-ties-frequency": Combination(
        "dare_ties", EQUAL, WEIGHTS, {"density": 1.0, "majority_sign_method": "frequency"}
    ),
    "dare-linear-svd": Combination("dare_linear_svd", MIXED, WEIGHTS, {"density": 1.0}),
    "dare-ties-svd": Combination(
        "dare_ties_svd", MIXED, WEIGHTS, {"density": 1.0, "majority_sign_method": "total"}
    ),
}


def write_inputs(folder, batch):
    """The adapter folders, and the logits with each alone."""
    logits = {}
    for seed, (name, settings) in enumerate(INPUTS.items()):
        wrapped = peft.get_peft_model(
            tiny_bert.stored_classifier(CHECKPOINT), peft.LoraConfig(target_modules=list(TARGETS), **settings)
        )
        numbers = reference.generator(30_000 + seed)
        with torch.no_grad():
            for _, parameter in sorted((n, p) for n, p in wrapped.named_parameters() if p.requires_grad):
                parameter.copy_(reference.random_tensor(numbers, parameter.shape, 0.8 * parameter.shape[-1] ** -0.5))
        save(wrapped, folder / name, name="default")
        logits[name] = reference.logits_of(wrapped, batch).tolist()
    return logits


def save(wrapped, folder, name):
    """The folder of one adapter; peft puts those that have a name of their own in a sub-folder."""
    wrapped.save_pretrained(folder, selected_adapters=[name])
    (folder / "README.md").unlink()
    if name != "default":
        for file in (folder / name).iterdir():
            file.rename(folder / file.name)
        (folder / name).rmdir()


def deltas(wrapped, adapter):
    """What the adapter adds to each weight, scale included, by the module's name in the base."""
    return {
        name.removeprefix("base_model.model."): module.get_delta_weight(adapter)
        for name, module in wrapped.named_modules()
        if isinstance(module, LoraLayer)
    }


def describe(name, folder, inputs, batch, base_logits):
    combination = COMBINATIONS[name]
    model = tiny_bert.stored_classifier(CHECKPOINT)
    first, *others = combination.adapters
    wrapped = peft.PeftModel.from_pretrained(model, inputs / first, adapter_name=first)
    for other in others:
        wrapped.load_adapter(inputs / other, other)
    wrapped.add_weighted_adapter(
        combination.adapters, combination.weights, "combined", combination_type=combination.kind, **combination.options
    )
    wrapped.set_adapter("combined")
    products = deltas(wrapped, "combined")
    logits = reference.logits_of(wrapped, batch)
    save(wrapped, folder / "adapter", "combined")

    loaded = peft.PeftModel.from_pretrained(tiny_bert.stored_classifier(CHECKPOINT), folder / "adapter")
    # A tensor that is a part of a decomposition is stored in another layout, and multiplied in another order.
    if not (reference.logits_of(loaded, batch) - logits).abs().max() < 0.1 * reference.tolerance_of(logits):
        sys.exit(f"{name}: peft loads its own folder with other logits")
    apart = reference.require_difference(f"{name} without the adapter", logits, base_logits, 100)
    weighted = [deltas(wrapped, adapter) for adapter in combination.adapters]
    exact = {
        module: sum(w * d[module] for w, d in zip(combination.weights, weighted, strict=True)) for module in products
    }
    reference.write_tensors(folder / "products.safetensors", products)
    expected = {
        "combination": combination.kind,
        "adapters": combination.adapters,
        "weights": combination.weights,
        "options": combination.options,
        "is_right": combination.is_right,
        "logits": logits.tolist(),
        "tolerances_apart_without_adapter": apart,
        "products_against_weighted_sum": reference.relative_difference(products, exact),
    }
    reference.write_json(folder / "expected.json", expected)
    print(
        f"  {name:26} {apart:6.0f} apart  products against the weighted sum"
        f" {expected['products_against_weighted_sum']:.1e}"
    )


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "bert" / "combinations"
    shutil.rmtree(folder, ignore_errors=True)
    batch = tiny_bert.batch()
    base_logits = reference.logits_of(tiny_bert.stored_classifier(CHECKPOINT), batch)
    inputs = folder / "inputs"
    logits = write_inputs(inputs, batch)
    reference.write_json(
        inputs / "expected.json",
        {"checkpoint": CHECKPOINT, "logits_without_adapter": base_logits.tolist(), "logits": logits},
    )
    for name in COMBINATIONS:
        describe(name, folder / name, inputs, batch, base_logits)


if __name__ == "__main__":
    main()
