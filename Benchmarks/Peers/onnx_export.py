"""Writes a checkpoint as an ONNX model whose batch and length are free.

    onnx_export.py --model DIR --output FILE.onnx
"""

import argparse
import os
from pathlib import Path

import torch

import torch_model


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


class Logits(torch.nn.Module):
    """The model with its inputs by position and its logits alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def main():
    options = arguments()
    torch_model.prepare(threads=1, seed=0)
    model = Logits(torch_model.classifier(options.model)).eval()
    ids = torch.randint(1000, 30000, (3, 17))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=512)}
    torch.onnx.export(
        model,
        (ids, mask),
        str(options.output),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    os.stat(options.output)


if __name__ == "__main__":
    main()
