"""Writes the token ids of reviews, batch by batch in the order of the file, for both sides of a comparison.

    torch_tokens.py --model DIR --data FILE.jsonl --output FILE.json [--batch 16] [--batches 3] [--max-length 128]
"""

import argparse
import json
from pathlib import Path

import tokenizers

LABELS = ["negative", "positive"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--batches", type=int, help="by default all")
    parser.add_argument("--max-length", type=int, default=128)
    return parser.parse_args()


def main():
    options = arguments()
    tokenizer = tokenizers.Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(options.max_length)
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines()]
    if options.batches:
        rows = rows[: options.batch * options.batches]
    batches = []
    for start in range(0, len(rows), options.batch):
        batch = rows[start : start + options.batch]
        ids = [tokenizer.encode(row["text"]).ids for row in batch]
        batches.append({"ids": ids, "labels": [LABELS.index(row["label"]) for row in batch]})
    options.output.write_text(json.dumps({"batches": batches}), encoding="utf-8")


if __name__ == "__main__":
    main()
