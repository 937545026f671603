"""Writes bert/initialisations/: where LoRA starts with PiSSA, OLoRA, orthogonal and EVA, and folders saved after it.

    make_initialisations.py [OUTPUT_FOLDER]
"""

import copy
import shutil
import sys
import tempfile
from pathlib import Path

import peft
import torch

import reference
import tiny_bert

CHECKPOINT = "classifier"
# Square, wide and tall matrices; "output.dense" is attention.output.dense, too.
SETTINGS = {"r": 4, "lora_alpha": 8, "target_modules": ["query", "intermediate.dense", "output.dense"]}
RSLORA = {"use_rslora": True}
CASES = {
    "pissa": {"init_lora_weights": "pissa"},
    "pissa-rslora": {"init_lora_weights": "pissa"} | RSLORA,
    "olora": {"init_lora_weights": "olora"},
    "olora-rslora": {"init_lora_weights": "olora"} | RSLORA,
    "orthogonal": {"init_lora_weights": "orthogonal"},
    "orthogonal-rslora": {"init_lora_weights": "orthogonal"} | RSLORA,
}
EVA_TARGETS = ["query", "value", "intermediate.dense", "output.dense"]
EVA_CASES = {"eva-uniform": 1.0, "eva-redistributed": 2.0}
EVA_BATCHES = 4
EVA_BATCH = 8
EVA_LENGTH = 16


def layers(wrapped):
    return {
        name: module for name, module in wrapped.named_modules() if isinstance(module, peft.tuners.lora.layer.LoraLayer)
    }


def started(wrapped, weights):
    """A, B and (where `weights`) the matrix that the base is left with, by the module's name."""
    tensors = {}
    for name, layer in layers(wrapped).items():
        tensors[f"{name}.lora_A.weight"] = layer.lora_A["default"].weight
        tensors[f"{name}.lora_B.weight"] = layer.lora_B["default"].weight
        if weights:
            tensors[f"{name}.base_layer.weight"] = layer.get_base_layer().weight
    return tensors


def perturb(wrapped, seed, only=("lora_A", "lora_B")):
    """As if it had been trained from where it started; nothing but LoRA is trained."""
    numbers = reference.generator(20_000 + seed)
    with torch.no_grad():
        for name, parameter in sorted(wrapped.named_parameters()):
            if any(part in name for part in only):
                parameter.add_(reference.random_tensor(numbers, parameter.shape, 0.15))


def save(wrapped, folder, **options):
    wrapped.save_pretrained(folder, **options)
    (folder / "README.md").unlink()


def loaded_logits(folder, batch):
    return reference.logits_of(
        peft.PeftModel.from_pretrained(tiny_bert.stored_classifier(CHECKPOINT), folder), batch
    )


def require_equal(what, a, b):
    if not (a - b).abs().max() < 0.3 * reference.tolerance_of(b):
        sys.exit(f"{what}: logits are {(a - b).abs().max() / reference.tolerance_of(b):.2f} tolerances apart")


def gap(weight, rank):
    """How far the first singular value that is left out lies below the last one taken, as a part of the largest."""
    values = torch.linalg.svdvals(weight.double())
    return ((values[rank - 1] - values[rank]) / values[0]).item() if rank < len(values) else 1.0


def describe(name, folder, seed, batch):
    settings = SETTINGS | CASES[name]
    changes_base = not name.startswith("orthogonal")
    model = tiny_bert.stored_classifier(CHECKPOINT)
    base_logits = reference.logits_of(model, batch)
    torch.manual_seed(seed)
    wrapped = peft.get_peft_model(
        model, peft.LoraConfig(**copy.deepcopy(settings))
    ).eval()
    start = reference.logits_of(wrapped, batch)
    require_equal(f"{name} at the start", start, base_logits)
    reference.write_tensors(folder / "initial.safetensors", started(wrapped, changes_base))

    with tempfile.TemporaryDirectory() as temporary:
        initial = Path(temporary) / "initial"
        # So that loading it does not take the first part from the base a second time.
        wrapped.peft_config["default"].init_lora_weights = True
        wrapped.save_pretrained(initial)
        wrapped.peft_config["default"].init_lora_weights = settings["init_lora_weights"]
        perturb(wrapped, seed)
        logits = reference.logits_of(wrapped, batch)
        save(wrapped, folder / "adapter")
        if changes_base:
            save(wrapped, folder / "converted", path_initial_model_for_weight_conversion=str(initial))
    apart = reference.require_difference(f"{name} perturbed", logits, base_logits, 100)
    require_equal(f"{name} loaded again", loaded_logits(folder / "adapter", batch), logits)
    expected = {
        "checkpoint": CHECKPOINT,
        "settings": settings,
        "scale": next(iter(layers(wrapped).values())).scaling["default"],
        "logits_without_adapter": base_logits.tolist(),
        "logits_at_start": start.tolist(),
        "logits": logits.tolist(),
        "logits_double": reference.logits_of(reference.doubled(wrapped), batch).tolist(),
        "tolerances_apart_without_adapter": apart,
    }
    if changes_base:
        converted = loaded_logits(folder / "converted", batch)
        require_equal(f"{name} converted", converted, logits)
        expected["logits_converted"] = converted.tolist()
    if name.startswith("pissa"):
        base = tiny_bert.stored_classifier(CHECKPOINT)
        names = [n.removeprefix("base_model.model.") for n in layers(wrapped)]
        expected["smallest_gap"] = min(gap(base.get_submodule(n).weight.detach(), settings["r"]) for n in names)
    reference.write_json(folder / "expected.json", expected)
    print(f"  {name:18} {apart:6.0f} apart  smallest gap {expected.get('smallest_gap', 0):.4f}")


def eva_batches():
    """Of one length, so that no padding takes part."""
    numbers = reference.generator(31)
    return [numbers.integers(1, tiny_bert.VOCABULARY, (EVA_BATCH, EVA_LENGTH)).tolist() for _ in range(EVA_BATCHES)]


def eva(rho, exact):
    """(model, passes): `exact` uses the whole decomposition where peft approximates it with a random subspace."""
    model = tiny_bert.stored_classifier(CHECKPOINT)
    configuration = peft.LoraConfig(
        r=4,
        lora_alpha=8,
        target_modules=EVA_TARGETS,
        init_lora_weights="eva",
        eva_config=peft.EvaConfig(rho=rho),
    )
    wrapped = peft.get_peft_model(model, configuration).eval()
    passes = []

    def forward(module, inputs):
        passes.append(1)
        return module(**inputs)

    analysis = peft.utils.incremental_pca.IncrementalPCA
    approximate = analysis._svd_fn_lowrank
    if exact:
        analysis._svd_fn_lowrank = analysis._svd_fn_full
    mask = torch.ones(EVA_BATCH, EVA_LENGTH, dtype=torch.long)
    batches = [{"input_ids": torch.tensor(ids), "attention_mask": mask} for ids in eva_batches()]
    peft.initialize_lora_eva_weights(wrapped, batches, forward_fn=forward, show_progress_bar=False)
    analysis._svd_fn_lowrank = approximate
    return wrapped, len(passes) - 1


def agreement(a, b):
    """The smallest |cosine| between rows that stand for the same component."""
    shared = min(len(a), len(b))
    return torch.nn.functional.cosine_similarity(a[:shared], b[:shared]).abs().min().item()


def describe_eva(name, folder, seed, batch):
    wrapped, passes = eva(EVA_CASES[name], exact=False)
    exact, exact_passes = eva(EVA_CASES[name], exact=True)
    kept = layers(wrapped)
    # Where the redistribution leaves no rank, peft removes the adapter.
    ranks = {module: layer.r["default"] for module, layer in kept.items()}
    initial = {f"{n}.lora_A.weight": layer.lora_A["default"].weight for n, layer in kept.items()}
    exact_ranks = {module: layer.r["default"] for module, layer in layers(exact).items()}
    exact_initial = {f"{n}.lora_A.weight": layer.lora_A["default"].weight for n, layer in layers(exact).items()}
    reference.write_tensors(folder / "initial.safetensors", initial)
    reference.write_tensors(folder / "exact.safetensors", exact_initial)
    base_logits = reference.logits_of(tiny_bert.stored_classifier(CHECKPOINT), batch)
    require_equal(f"{name} at the start", reference.logits_of(wrapped, batch), base_logits)
    perturb(wrapped, seed, only=["lora_B"])
    save(wrapped, folder / "adapter")
    logits = reference.logits_of(wrapped, batch)
    require_equal(f"{name} loaded again", loaded_logits(folder / "adapter", batch), logits)
    apart = reference.require_difference(f"{name} perturbed", logits, base_logits, 100)
    shared = sorted(set(initial) & set(exact_initial))
    worst = min(agreement(initial[n], exact_initial[n]) for n in shared)
    expected = {
        "checkpoint": CHECKPOINT,
        "rho": EVA_CASES[name],
        "tau": peft.EvaConfig().tau,
        "rank": 4,
        "alpha": 8,
        "targets": EVA_TARGETS,
        "batches": eva_batches(),
        "passes": passes,
        "ranks": ranks,
        "scales": {module: layer.scaling["default"] for module, layer in kept.items()},
        "exact_passes": exact_passes,
        "exact_ranks": exact_ranks,
        "smallest_cosine_to_exact": worst,
        "logits": logits.tolist(),
    }
    reference.write_json(folder / "expected.json", expected)
    print(f"  {name:18} {apart:6.0f} apart  ranks {list(ranks.values())} exact {list(exact_ranks.values())}"
          f" passes {passes} {exact_passes} cosine to exact {worst:.4f}")


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "bert" / "initialisations"
    shutil.rmtree(folder, ignore_errors=True)
    batch = tiny_bert.batch()
    for seed, name in enumerate(CASES):
        describe(name, folder / name, seed, batch)
    for seed, name in enumerate(EVA_CASES, start=len(CASES)):
        describe_eva(name, folder / name, seed, batch)


if __name__ == "__main__":
    main()
