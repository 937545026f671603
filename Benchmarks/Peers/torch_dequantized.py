"""Writes a GGUF file's model as float32 safetensors, with its tokenizer: what PyTorch trains on. It runs in venv-gguf.

    torch_dequantized.py --model FILE.gguf --output DIR

Both sides of a comparison then have the same weights, and PyTorch's doesn't pay for decoding them.
"""

import argparse
import os
from pathlib import Path

import torch
import transformers

import torch_model


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def main():
    options = arguments()
    torch_model.prepare(threads=1, seed=0)
    source = {"pretrained_model_name_or_path": options.model.parent, "gguf_file": options.model.name}
    model = transformers.AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    # Its weights are plain floats by now; what is left of the file's encoding only bars them from being saved.
    del model.hf_quantizer, model.config.quantization_config
    # Whole or not at all, since a later run takes the folder for granted.
    aside = options.output.with_name(f"{options.output.name}.{os.getpid()}")
    model.save_pretrained(aside)
    transformers.AutoTokenizer.from_pretrained(**source).save_pretrained(aside)
    os.replace(aside, options.output)


if __name__ == "__main__":
    main()
