"""Writes the checkpoint that both sides of a comparison open: BERT with a two-class head, everything new from one seed.

    torch_checkpoint.py --output DIR [--model DIR] [--tokenizer DIR]

With --model its weights are the encoder, and only the head is random; without it the encoder is random, too, in the
shape of BERT-base (12 blocks of width 768). The tokenizer's files are copied from --tokenizer.
"""

import argparse
import os
import shutil
from pathlib import Path

import torch
import transformers

import torch_model

TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--model", help="the encoder; without it a random BERT-base")
    parser.add_argument("--tokenizer", type=Path, required=True)
    return parser.parse_args()


def main():
    options = arguments()
    torch_model.prepare(threads=1, seed=0)
    labels = torch_model.label_names()
    if options.model:
        model = torch_model.classifier(options.model)
    else:
        model = transformers.BertForSequenceClassification(transformers.BertConfig(**labels))
    with torch.no_grad():
        # As wide as a trained head, so that logits and losses depend visibly on what is below.
        model.classifier.weight.normal_(std=0.1)
    # Whole or not at all, since a later run takes the folder for granted.
    aside = options.output.with_name(f"{options.output.name}.{os.getpid()}")
    model.save_pretrained(aside)
    for name in TOKENIZER_FILES:
        if (options.tokenizer / name).exists():
            shutil.copy(options.tokenizer / name, aside / name)
    os.replace(aside, options.output)


if __name__ == "__main__":
    main()
