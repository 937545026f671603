"""Writes minilm/methods/: adapters of other methods than LoRA on the real all-MiniLM-L6-v2, and their logits.

    make_minilm_methods.py [OUTPUT_FOLDER]

The model is read from ${PEFTKIT_CACHE:-~/.cache/peftkit}/minilm.
"""

import copy
import shutil
import sys
from pathlib import Path

import peft
import torch

import make_minilm
import reference

POSITIONS = 512
VIRTUAL_TOKENS = 20

METHODS = {
    "dora": peft.LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=6, use_dora=True, target_modules=["query", "value"]),
    "ia3": peft.IA3Config(task_type="SEQ_CLS"),
    "prefix": peft.PrefixTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=VIRTUAL_TOKENS),
    "prompt": peft.PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=VIRTUAL_TOKENS),
}


def fill(wrapped, method, seed):
    """As large as after real training."""
    numbers = reference.generator(50_000 + seed)
    for name, parameter in sorted(wrapped.named_parameters()):
        if not parameter.requires_grad:
            continue
        noise = reference.random_tensor(numbers, parameter.shape, 1.0)
        if "lora_magnitude_vector" in name:
            # Up to here it is the norm of the weight's rows.
            value = parameter * (1 + 0.2 * noise)
        elif "ia3_l" in name:
            value = 1 + 0.2 * noise
        elif name.startswith("prompt_encoder"):
            value = noise * {"prefix": 0.5, "prompt": 0.05}[method]
        else:
            value = noise * next((s for part, s in (("lora_A", 0.05), ("lora_B", 0.1)) if part in name), 0.3)
        parameter.data.copy_(value.detach())


def with_head_of(wrapped):
    """The bare model with the same head."""
    model = make_minilm.load()
    head = next(m for n, m in wrapped.named_modules() if n.endswith("classifier.modules_to_save.default"))
    model.classifier.load_state_dict(head.state_dict())
    return model


def describe(method, folder, seed, sequences):
    torch.manual_seed(make_minilm.SEED)
    wrapped = peft.get_peft_model(make_minilm.load(), copy.deepcopy(METHODS[method])).eval()
    fill(wrapped, method, seed)
    wrapped.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()
    loaded = peft.PeftModel.from_pretrained(make_minilm.load(), folder / "adapter")
    logits = reference.logits_of(loaded, sequences)
    if not torch.equal(logits, reference.logits_of(wrapped, sequences)):
        sys.exit(f"{method}: peft loads its own folder with other logits")
    head_only = reference.logits_of(with_head_of(wrapped), sequences)
    apart = reference.require_difference(f"{method} without the adapter", logits, head_only, 100)
    parameters, everything = wrapped.get_nb_trainable_parameters()
    virtual_tokens = getattr(METHODS[method], "num_virtual_tokens", None)
    expected = (
        {"method": method}
        | ({"maximum_length": POSITIONS - virtual_tokens} if virtual_tokens else {})
        | {
            "trainable_parameters": parameters,
            "all_parameters": everything,
            "tolerances_apart_without_adapter": apart,
            "logits": logits.tolist(),
            "logits_double": reference.logits_of(reference.doubled(wrapped), sequences).tolist(),
            "logits_without_adapter": head_only.tolist(),
        }
    )
    reference.write_json(folder / "expected.json", expected)
    print(f"  {method:8} {parameters:7} of {everything}, {apart:7.0f} tolerances apart")


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "minilm" / "methods"
    shutil.rmtree(folder, ignore_errors=True)
    sequences = make_minilm.tokenized()
    for seed, method in enumerate(METHODS):
        describe(method, folder / method, seed, sequences)


if __name__ == "__main__":
    main()
