"""Proves with the real packages that adapter folders are interchangeable with peft's, both ways.

    check_interchange.py [--model DIR] [--peft .build/release/peft] [--only NAME,…]
        trains adapters of every method with the command line and loads them in peft; then writes adapters with peft
        and lets the command line predict with them
    check_interchange.py --adapter DIR [--predictions FILE]
        only the first direction, for an adapter folder that exists (and, if given, the JSON lines that
        `peft predict` printed for the sentences of --input)

It fails when a tensor is missing or unexpected on peft's side, when peft warns about the folder, when logits differ
by more than 1e-4 · max(1, max |logit|), or when the adapter changes so little that equal logits would prove nothing.
Run it from the top of the repository with the environment of `Scripts/oracle/make-environments peft`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import interchange_peft as peer

SENTENCES = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "minilm" / "sentences.jsonl"
TOLERANCE = 1e-4
TRAINING = "--epochs 6 --batch-size 4 --seed 0"
LORA = "--rank 8 --alpha 16 --dropout 0.1"
# What is trained here and then loaded in peft.
METHODS = {
    "lora": f"--method lora {LORA} --targets query,value --learning-rate 5e-3",
    "lora-all-linear": f"--method lora {LORA} --targets all-linear --learning-rate 5e-3",
    "lora-bias-all": f"--method lora {LORA} --bias all --learning-rate 5e-3",
    "lora-bias-only": f"--method lora {LORA} --bias lora_only --learning-rate 5e-3",
    "lora-embeddings": f"--method lora {LORA} --targets query,word_embeddings --learning-rate 5e-3",
    "lora-pissa": f"--method lora {LORA} --initialization pissa --learning-rate 1e-3",
    "lora-olora": f"--method lora {LORA} --initialization olora --learning-rate 1e-3",
    "lora-pooler": f"--method lora {LORA} --modules-to-save pooler --learning-rate 5e-3",
    "dora": f"--method dora {LORA} --learning-rate 5e-3",
    "bitfit": "--method bitfit --learning-rate 5e-3",
    "ia3": "--method ia3 --learning-rate 2e-2",
    "prefix": "--method prefix --virtual-tokens 8 --learning-rate 2e-2",
    "prefix-projected": "--method prefix --virtual-tokens 8 --prefix-projection --learning-rate 5e-3",
    "prompt": "--method prompt --virtual-tokens 8 --prompt-pooler peft --learning-rate 2e-2",
    "vera": "--method vera --settings {\"r\":64} --learning-rate 2e-2",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=peer.cache() / "minilm")
    parser.add_argument("--peft", default=".build/release/peft", help="the command line")
    parser.add_argument("--input", type=Path, default=SENTENCES, help='JSON lines with "text" and "label"')
    parser.add_argument("--adapter", type=Path, help="an adapter folder written by PEFTKit")
    parser.add_argument("--predictions", type=Path, help="what `peft predict` printed with it for --input")
    parser.add_argument("--only", type=lambda text: text.split(","), help="of what is trained here and written by peft")
    parser.add_argument("--max-length", type=int, default=128)
    return parser.parse_args()


def run(command):
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {finished.returncode}: {finished.stderr.strip()}")


def predict(options, adapter, output):
    """The rows `peft predict` writes for the input."""
    run(
        [options.peft, "predict", "--model", options.model, "--adapter", adapter, "--input", options.input]
        + ["--max-length", options.max_length, "--output", output]
    )
    return rows(output)


def rows(file):
    return [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]


def compare(name, predictions, reference, without_adapter):
    """Fails unless every logit agrees; returns how far apart they are."""
    if len(predictions) != len(reference):
        sys.exit(f"{name}: {len(predictions)} predictions for {len(reference)} rows")
    allowed = TOLERANCE * max(1.0, max(abs(x) for row in reference for x in row))
    worst = 0.0
    for number, (row, expected) in enumerate(zip(predictions, reference, strict=True), start=1):
        if len(row["logits"]) != len(expected):
            sys.exit(f"{name}, row {number}: {len(row['logits'])} logits, peft has {len(expected)}")
        # Written so that a NaN fails.
        apart = max(abs(a - b) for a, b in zip(row["logits"], expected, strict=True))
        if not apart <= allowed:
            sys.exit(f"{name}, row {number}: logits {row['logits']}, peft has {expected}: {apart:.2e} > {allowed:.2e}")
        worst = max(worst, apart)
        score = peer.softmax(expected)
        if not abs(row["score"] - max(score)) <= 1e-4:
            sys.exit(f"{name}, row {number}: score {row['score']}, peft's highest is {max(score)}")
    moved = max(abs(a - b) for x, y in zip(reference, without_adapter, strict=True) for a, b in zip(x, y, strict=True))
    if not moved >= 100 * allowed:
        sys.exit(f"{name}: without the adapter the logits move only by {moved:.2e}, so that their agreement proves nothing")
    print(f"{name}: {len(reference)} rows agree, furthest {worst:.1e} of {allowed:.1e}; without the adapter {moved:.2f}")


def check_ours_in_peft(options, adapter, predictions):
    texts = [row["text"] for row in rows(options.input)]
    model = peer.load(options.model, adapter)
    compare(
        f"written here, read by peft ({adapter.name})",
        predictions,
        peer.logits(model, options.model, texts, options.max_length),
        peer.logits_without_adapter(model, options.model, texts, options.max_length),
    )


def check_peft_in_ours(options, folder):
    texts = [row["text"] for row in rows(options.input)]
    for name in peer.RECIPES:
        if options.only and name not in options.only:
            continue
        model = peer.write_random(options.model, folder / name, peer.RECIPES[name])
        compare(
            f"written by peft, read here ({name})",
            predict(options, folder / name, folder / f"{name}.jsonl"),
            peer.logits(model, options.model, texts, options.max_length),
            peer.logits_without_adapter(model, options.model, texts, options.max_length),
        )


def main():
    options = arguments()
    peer.prepare()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.adapter:
            predictions = (
                rows(options.predictions)
                if options.predictions
                else predict(options, options.adapter, folder / "predictions.jsonl")
            )
            check_ours_in_peft(options, options.adapter, predictions)
            return
        for name, method in METHODS.items():
            if options.only and name not in options.only:
                continue
            adapter = folder / f"trained-{name}"
            data = ["--model", options.model, "--train", options.input, "--output", adapter]
            run([options.peft, "train", *data, *method.split(), *TRAINING.split()])
            check_ours_in_peft(options, adapter, predict(options, adapter, folder / "predictions.jsonl"))
        check_peft_in_ours(options, folder)


if __name__ == "__main__":
    main()
