"""Proves with the real package that bottleneck adapters are interchangeable with AdapterHub's adapters, both ways.

    check_interchange_adapters.py [--model DIR] [--peft .build/release/peft] [FOLDER ...]
        loads each FOLDER, an adapter that PEFTKit wrote, in adapters and compares logits with `peft predict`; without
        any, trains one of every configuration for it; then writes adapters with the package, with heads of one and of two layers, and lets the command line predict with
        them

It fails when a tensor is missing or unexpected on adapters' side, when logits differ by more than
1e-4 · max(1, max |logit|), or when an adapter changes so little that equal logits would prove nothing.
Run it from the top of the repository with the environment of `Scripts/oracle/make-environments adapters`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import interchange_adapters as peer

SENTENCES = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "minilm" / "sentences.jsonl"
TOLERANCE = 1e-4
TRAINING = "--epochs 6 --batch-size 4 --learning-rate 5e-3 --seed 0"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="adapter folders written by PEFTKit")
    parser.add_argument("--model", type=Path, default=peer.cache() / "minilm")
    parser.add_argument("--peft", default=".build/release/peft", help="the command line")
    parser.add_argument("--input", type=Path, default=SENTENCES, help='JSON lines with "text"')
    parser.add_argument("--max-length", type=int, default=128)
    return parser.parse_args()


def rows(file):
    return [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]


def predict(options, adapter):
    """The rows `peft predict` writes for the input."""
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "predictions.jsonl"
        command = [options.peft, "predict", "--model", options.model, "--adapter", adapter, "--input", options.input]
        command += ["--max-length", options.max_length, "--output", output]
        words = [str(word) for word in command]
        finished = subprocess.run(words, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            sys.exit(f"{' '.join(words)}\nended with {finished.returncode}: {finished.stderr.strip()}")
        return rows(output)


def compare(options, name, adapter, model):
    """Fails unless every logit of the command line is the model's."""
    texts = [row["text"] for row in rows(options.input)]
    reference = peer.logits(model, options.model, texts, options.max_length)
    bare = peer.logits_without_adapter(model, options.model, texts, options.max_length)
    predictions = predict(options, adapter)
    if len(predictions) != len(reference):
        sys.exit(f"{name}: {len(predictions)} predictions for {len(reference)} rows")
    allowed = TOLERANCE * max(1.0, max(abs(x) for row in reference for x in row))
    worst = 0.0
    for number, (row, expected) in enumerate(zip(predictions, reference, strict=True), start=1):
        if len(row["logits"]) != len(expected):
            sys.exit(f"{name}, row {number}: {len(row['logits'])} logits, adapters has {len(expected)}")
        # Written so that a NaN fails.
        apart = max(abs(a - b) for a, b in zip(row["logits"], expected, strict=True))
        if not apart <= allowed:
            sys.exit(f"{name}, row {number}: logits {row['logits']}, adapters has {expected}: {apart:.2e}")
        worst = max(worst, apart)
        score = max(peer.softmax(expected))
        if not abs(row["score"] - score) <= 1e-4:
            sys.exit(f"{name}, row {number}: score {row['score']}, adapters' highest is {score}")
    moved = max(abs(a - b) for x, y in zip(reference, bare, strict=True) for a, b in zip(x, y, strict=True))
    if not moved >= 100 * allowed:
        sys.exit(f"{name}: without the adapter the logits move only by {moved:.2e}: their agreement proves nothing")
    print(f"{name}: {len(reference)} rows agree, furthest {worst:.1e} of {allowed:.1e}; without it {moved:.2f}")


def trained_here(options, folder):
    """An adapter of every configuration, trained with the command line on the input."""
    for configuration in ("seq_bn", "double_seq_bn", "par_bn", "scaled_par_bn"):
        adapter = folder / f"trained-{configuration}"
        words = [options.peft, "train", "--model", options.model, "--train", options.input, "--output", adapter]
        words += f"--method adapter --adapter-config {configuration} {TRAINING}".split()
        finished = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            sys.exit(f"{configuration}: training ended with {finished.returncode}: {finished.stderr.strip()}")
        yield adapter


def main():
    options = arguments()
    peer.prepare()
    with tempfile.TemporaryDirectory() as temporary:
        for folder in options.folders or trained_here(options, Path(temporary)):
            model = peer.load(options.model, folder)
            compare(options, f"written here, read by adapters ({folder.name})", folder, model)
        for name, configuration in peer.RECIPES.items():
            for own_pooler in (False, True):
                title = f"{name}, {'two layers' if own_pooler else 'one layer'}"
                folder = Path(temporary) / title.replace(", ", "-").replace(" ", "-")
                model = peer.write_random(options.model, folder, name, configuration, own_pooler)
                compare(options, f"written by adapters, read here ({title})", folder, model)


if __name__ == "__main__":
    main()
