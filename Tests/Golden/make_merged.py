"""Writes bert/merged/: adapters of bert/adapters merged into their checkpoint by peft's merge_and_unload.

    make_merged.py [OUTPUT_FOLDER]
"""

import shutil
import sys
from pathlib import Path

import peft
import torch

import reference
import tiny_bert
from tiny_adapters import ADAPTERS
from tiny_methods import METHODS

HERE = Path(__file__).parent

NAMES = [
    "query-value",
    "rslora-patterns",
    "lora-bias-all",
    "lora-bias-all-saved-pooler",
    "lora-embedding",
    "lora-odd-heads",
    "dora-query-value",
    "dora-all-linear",
    "dora-bias-all",
    "ia3-defaults",
    "ia3-feed-forward",
    "bitfit",
]


def describe(name, folder, batch):
    recipe = (ADAPTERS | METHODS)[name]
    base = tiny_bert.stored_classifier(recipe.checkpoint)
    before = {key: tensor.clone() for key, tensor in base.state_dict().items()}
    wrapped = peft.PeftModel.from_pretrained(base, HERE / "bert" / "adapters" / name / "adapter")
    unmerged = reference.logits_of(wrapped, batch)
    merged_model = wrapped.merge_and_unload(safe_merge=True)
    after = merged_model.state_dict()
    if set(after) != set(before):
        sys.exit(f"{name}: the merged model has other tensors: {sorted(set(after) ^ set(before))}")
    merged = reference.logits_of(merged_model, batch)
    apart = ((merged - unmerged).abs().max() / reference.tolerance_of(unmerged)).item()
    if not apart < 0.3:
        sys.exit(f"{name}: merged logits are {apart:.1f} tolerances from the adapter's")
    changed = {key: tensor for key, tensor in after.items() if not torch.equal(tensor, before[key])}
    reference.write_tensors(folder / "changed.safetensors", changed)
    expected = {
        "checkpoint": recipe.checkpoint,
        "adapter": name,
        "logits": unmerged.tolist(),
        "logits_merged": merged.tolist(),
        "tolerances_merged_from_unmerged": apart,
    }
    reference.write_json(folder / "expected.json", expected)
    print(f"  {name:26} {len(changed):3} of {len(after)} tensors changed, {apart:.3f} tolerances from unmerged")


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE) / "bert" / "merged"
    shutil.rmtree(folder, ignore_errors=True)
    for name in NAMES:
        describe(name, folder / name, tiny_bert.batch())


if __name__ == "__main__":
    main()
