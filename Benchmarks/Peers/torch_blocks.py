"""Writes the token ids of a text in blocks of one length, batch by batch, for both sides of a comparison.

    torch_blocks.py --model DIR --text FILE.txt --output FILE.json [--begin WORDS] [--batch 4] [--batches 3] …
"""

import argparse
import json
import sys
from pathlib import Path

import tokenizers


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--begin", default="", help="where in the text to begin: at these words")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--batches", type=int, default=3)
    parser.add_argument("--length", type=int, default=256)
    return parser.parse_args()


def main():
    options = arguments()
    tokenizer = tokenizers.Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    text = options.text.read_text(encoding="utf-8")
    if options.begin not in text:
        sys.exit(f"{options.text} has no '{options.begin}'; give --begin words that are in it, or none")
    ids = tokenizer.encode(text[text.index(options.begin) :]).ids
    needed = options.batches * options.batch * options.length
    if len(ids) < needed:
        sys.exit(f"{options.text} has {len(ids)} tokens, and {needed} are needed; give a longer text")
    blocks = [ids[start : start + options.length] for start in range(0, needed, options.length)]
    batches = [{"ids": blocks[start : start + options.batch]} for start in range(0, len(blocks), options.batch)]
    options.output.write_text(json.dumps({"batches": batches}), encoding="utf-8")


if __name__ == "__main__":
    main()
