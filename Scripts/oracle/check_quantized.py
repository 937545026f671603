"""Proves with the real packages that quantised checkpoints go both ways.

    check_quantized.py [--model DIR] [--peft .build/release/peft]
        quantises a classifier with the command line, loads the folder in transformers with bitsandbytes, and compares logits
        with those of `peft predict`; then lets transformers quantise it and the command line predict with that folder

It fails when transformers reports a tensor as missing or unexpected, when a quantised weight differs in a bit, or when logits
differ by more than 1e-4 · max(1, max |logit|). Run it from the top of the repository with the environment of
`Scripts/oracle/make-environments bitsandbytes`; without --model it makes a classifier of the fetched model.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import tokenizers
import torch
import transformers
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = ROOT / "Tests" / "Golden" / "minilm" / "sentences.jsonl"
CACHE = Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")
TOLERANCE = 1e-4
NF4 = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
# name: (options of the command line, options of transformers)
TYPES = {
    "nf4": (["--to", "nf4"], NF4),
    "nf4, doubly quantised": (["--to", "nf4", "--double-quantized"], NF4 | {"bnb_4bit_use_double_quant": True}),
    "int8": (["--to", "int8"], {"load_in_8bit": True}),
}
SKIPPED = ["classifier", "bert.pooler.dense"]


def run(command):
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {finished.returncode}: {finished.stderr.strip()}")


def predicted(options, model, work):
    output = work / "predictions.jsonl"
    run([options.peft, "predict", "--model", model, "--input", SENTENCES, "--output", output])
    return [json.loads(line)["logits"] for line in output.read_text(encoding="utf-8").splitlines()]


def load(folder, **options):
    model, report = transformers.BertForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, device_map="cpu", output_loading_info=True, **options
    )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report[kind]:
            sys.exit(f"{folder}: {kind}: {report[kind]}")
    return model


def computed(model, folder):
    """Logits by the weights that the codes stand for: bitsandbytes' own products round their inputs on some processors."""
    model = model.dequantize(dtype=torch.float32).eval()
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    rows = []
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        encoding = tokenizer.encode(json.loads(line)["text"])
        with torch.no_grad():
            rows.append(model(torch.tensor([encoding.ids])).logits[0].tolist())
    return rows


def compare(name, ours, theirs):
    allowed = TOLERANCE * max(1.0, max(abs(x) for row in theirs for x in row))
    apart = max(abs(a - b) for x, y in zip(ours, theirs, strict=True) for a, b in zip(x, y, strict=True))
    # Written so that a NaN fails.
    if not apart <= allowed:
        sys.exit(f"{name}: logits are {apart:.2e} apart, {allowed:.2e} are allowed")
    print(f"{name}: {len(ours)} rows agree, furthest {apart:.1e} of {allowed:.1e}")


def compare_codes(name, ours, theirs):
    """Codes and magnitudes of plain NF4 are the same to the bit; int8 is quantised from 16-bit floats there."""
    ours, theirs = load_file(ours / "model.safetensors"), load_file(theirs / "model.safetensors")
    if set(ours) != set(theirs):
        sys.exit(f"{name}: tensors differ: {sorted(set(ours) ^ set(theirs))[:5]}")
    for key in ours:
        if "quant_state" not in key and not torch.equal(ours[key], theirs[key]):
            sys.exit(f"{name}: {key} differs")
    print(f"{name}: {len(ours)} tensors are the same")


def classifier(work):
    """The fetched model with a head, as a plain checkpoint."""
    folder = work / "classifier"
    torch.manual_seed(0)
    transformers.BertForSequenceClassification.from_pretrained(
        CACHE / "minilm", num_labels=2, dtype=torch.float32
    ).save_pretrained(folder)
    for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"):
        shutil.copy(CACHE / "minilm" / name, folder / name)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--peft", default=ROOT / ".build" / "release" / "peft", help="the command line")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        model = options.model or classifier(work)
        for number, (name, (ours, theirs)) in enumerate(TYPES.items()):
            written = work / f"ours-{number}"
            run([options.peft, "quantize", "--model", model, "--output", written, *ours])
            logits = computed(load(written), model)
            compare(f"written here, read by transformers ({name})", predicted(options, written, work), logits)
            configuration = transformers.BitsAndBytesConfig(**theirs, llm_int8_skip_modules=SKIPPED)
            quantized = load(model, quantization_config=configuration)
            other = work / f"theirs-{number}"
            quantized.save_pretrained(other)
            for file in ("tokenizer.json", "vocab.txt"):
                shutil.copy(model / file, other / file)
            logits = computed(quantized, model)
            compare(f"written by transformers, read here ({name})", predicted(options, other, work), logits)
            if name == "nf4":
                compare_codes(name, written, other)


if __name__ == "__main__":
    main()
