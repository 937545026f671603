"""Proves with the real packages that adapter folders are interchangeable with peft's, both ways.

    check_interchange.py [--model DIR] [--peft .build/release/peft]
        trains an adapter with the command line and loads it in peft; then writes adapters with peft and lets the
        command line predict with them
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
TRAINING = (
    "--method lora --rank 8 --alpha 16 --dropout 0.1 --targets query,value --epochs 6 --batch-size 4"
    " --learning-rate 5e-3 --seed 0"
).split()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=peer.cache() / "minilm")
    parser.add_argument("--peft", default=".build/release/peft", help="the command line")
    parser.add_argument("--input", type=Path, default=SENTENCES, help='JSON lines with "text" and "label"')
    parser.add_argument("--adapter", type=Path, help="an adapter folder written by PEFTKit")
    parser.add_argument("--predictions", type=Path, help="what `peft predict` printed with it for --input")
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


def compare(name, predictions, reference, without_lora):
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
    moved = max(abs(a - b) for x, y in zip(reference, without_lora, strict=True) for a, b in zip(x, y, strict=True))
    if not moved >= 100 * allowed:
        sys.exit(f"{name}: without LoRA the logits move only by {moved:.2e}, so that their agreement proves nothing")
    print(f"{name}: {len(reference)} rows agree, furthest {worst:.1e} of {allowed:.1e}; without LoRA {moved:.2f}")


def check_ours_in_peft(options, adapter, predictions):
    texts = [row["text"] for row in rows(options.input)]
    model = peer.load(options.model, adapter)
    compare(
        f"written here, read by peft ({adapter.name})",
        predictions,
        peer.logits(model, options.model, texts, options.max_length),
        peer.logits_without_lora(model, options.model, texts, options.max_length),
    )


def check_peft_in_ours(options, folder):
    texts = [row["text"] for row in rows(options.input)]
    for name in peer.RECIPES:
        model = peer.write_random(options.model, folder / name, peer.RECIPES[name])
        compare(
            f"written by peft, read here ({name})",
            predict(options, folder / name, folder / f"{name}.jsonl"),
            peer.logits(model, options.model, texts, options.max_length),
            peer.logits_without_lora(model, options.model, texts, options.max_length),
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
        for targets in ("query,value", "all-linear"):
            adapter = folder / f"trained-{targets}"
            training = [targets if word == "query,value" else word for word in TRAINING]
            data = ["--model", options.model, "--train", options.input, "--output", adapter]
            run([options.peft, "train", *data, *training])
            check_ours_in_peft(options, adapter, predict(options, adapter, folder / "predictions.jsonl"))
        check_peft_in_ours(options, folder)


if __name__ == "__main__":
    main()
