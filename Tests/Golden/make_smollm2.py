"""Writes smollm2/: what transformers computes with the real SmolLM2-135M-Instruct, read from the same GGUF file.

    make_smollm2.py [OUTPUT_FOLDER]

The model and the plays are read from ${PEFTKIT_CACHE:-~/.cache/peftkit}. README.md beside this file describes what is written.
"""

import json
import os
import struct
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from tokenizer_cases import TEXTS

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
NEW_TOKENS = 64
# Of the logits behind a prompt every so many are stored.
STRIDE = 16
PAGE = ("held-out/hamlet", 20_000, 24_000)

PROMPTS = [
    "Once upon a time, in a village by the sea,",
    "The capital of France is",
    "def fibonacci(n):\n    ",
    "To be, or not to be, that is the question:",
    "The three most important things in life are",
    "In 1969, the first human beings",
    "Water boils at",
    "Dear Sir or Madam,\n\nI am writing to",
    "The recipe needs two eggs, 250 g of flour and",
    "Q: What is the largest planet of the solar system?\nA:",
]
QUESTIONS = ["What is the capital of Italy?", "Write one sentence about rain."]


def cache():
    return Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")


def read(file):
    """The text as it is, its ends of lines, too."""
    return file.read_bytes().decode("utf-8")


def digest(ids):
    """The 64-bit FNV-1a hash of their number and of the ids, as ContentDigest has it."""
    state = 0xCBF29CE484222325
    for byte in struct.pack(f"<q{len(ids)}i", len(ids), *ids):
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def continued(model, ids):
    """The greedy continuation, and how far the runner-up was behind at the closest of its choices."""
    result = model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        output_scores=True,
        return_dict_in_generate=True,
    )
    gaps = [float(torch.diff(scores[0].topk(2).values.flip(0))[0]) for scores in result.scores]
    return result.sequences[0, len(ids) :].tolist(), min(gaps)


def prompt_rows(model, tokenizer, texts):
    rows, tensors = [], {}
    for index, text in enumerate(texts):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0, -1]
        tensors[f"logits.{index}"] = logits[::STRIDE].contiguous()
        tokens, gap = continued(model, ids)
        rows.append(
            {
                "text": text,
                "ids": ids,
                "likeliest": int(logits.argmax()),
                "continuation": tokens,
                "smallest_gap": gap,
                "continuation_text": tokenizer.decode(tokens, skip_special_tokens=True),
            }
        )
    return rows, tensors


def page_row(model, tokenizer):
    name, first, last = PAGE
    text = read(cache() / "plays" / f"{name}.txt")[first:last]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        loss = model(torch.tensor([ids]), labels=torch.tensor([ids])).loss
    return {"play": name, "characters": [first, last], "tokens": len(ids), "loss": float(loss)}


def plays(tokenizer):
    rows = {}
    for file in sorted((cache() / "plays").glob("*/*.txt")):
        ids = tokenizer(read(file), add_special_tokens=False)["input_ids"]
        rows[f"{file.parent.name}/{file.stem}"] = {"tokens": len(ids), "digest": digest(ids)}
    return rows


def hard_texts(tokenizer):
    rows = []
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids)})
    return rows


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "smollm2"
    folder.mkdir(parents=True, exist_ok=True)
    source = str(cache() / "smollm2")
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=FILE)
    # From a GGUF file transformers cuts words as GPT-2 does; SmolLM2's own tokenizer.json takes digits apart before.
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    model = AutoModelForCausalLM.from_pretrained(
        source, gguf_file=FILE, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    asked = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": question}], tokenize=False, add_generation_prompt=True
        )
        for question in QUESTIONS
    ]
    rows, tensors = prompt_rows(model, tokenizer, PROMPTS + asked)
    expected = {
        "stride": STRIDE,
        "prompts": rows,
        "questions": QUESTIONS,
        "page": page_row(model, tokenizer),
        "plays": plays(tokenizer),
        "hard_texts": hard_texts(tokenizer),
    }
    (folder / "expected.json").write_text(
        json.dumps(expected, indent=1, ensure_ascii=True) + "\n", encoding="utf-8"
    )
    save_file(tensors, folder / "logits.safetensors")


if __name__ == "__main__":
    main()
