"""Writes sampling.json: logits and the probabilities that transformers' logits processors leave of them.

    make_sampling.py [OUTPUT_FOLDER]

README.md beside this file describes what is written.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers.generation import logits_process

PINNED = {"torch": (torch, "2.13.0"), "transformers": (transformers, "5.23.0")}

SETTINGS = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.8},
    {"top_k": 1},
    {"top_k": 5},
    {"top_k": 1000},
    {"top_p": 0.9},
    {"top_p": 0.05},
    {"top_p": 1.0},
    {"min_p": 0.1},
    {"min_p": 1.0},
    {"repetition_penalty": 1.3},
    {"repetition_penalty": 0.8, "temperature": 0.5},
    {"temperature": 0.8, "top_k": 12, "top_p": 0.85, "min_p": 0.05, "repetition_penalty": 1.1},
    {"temperature": 1.5, "top_p": 0.6, "min_p": 0.02},
]


def processors(settings):
    """In the order of transformers' own list."""
    found = []
    if "repetition_penalty" in settings:
        found.append(logits_process.RepetitionPenaltyLogitsProcessor(settings["repetition_penalty"]))
    if "temperature" in settings:
        found.append(logits_process.TemperatureLogitsWarper(settings["temperature"]))
    if "top_k" in settings:
        found.append(logits_process.TopKLogitsWarper(settings["top_k"]))
    if "top_p" in settings:
        found.append(logits_process.TopPLogitsWarper(settings["top_p"]))
    if "min_p" in settings:
        found.append(logits_process.MinPLogitsWarper(settings["min_p"]))
    return logits_process.LogitsProcessorList(found)


def case(name, logits, seen):
    rows = []
    for settings in SETTINGS:
        scores = processors(settings)(torch.tensor([seen]), torch.tensor([logits]))
        probabilities = scores.double().softmax(dim=-1)[0].tolist()
        kept = {str(index): value for index, value in enumerate(probabilities) if value > 0}
        rows.append({"settings": settings, "probabilities": kept})
    return {"name": name, "logits": logits, "seen": seen, "rows": rows}


def main():
    for name, (module, version) in PINNED.items():
        if module.__version__.split("+")[0] != version:
            sys.exit(f"make_sampling.py wants {name} {version}, not {module.__version__}")
    generator = torch.Generator().manual_seed(7)
    normal = (3 * torch.randn(40, generator=generator)).tolist()
    flat = (0.01 * torch.randn(40, generator=generator)).tolist()
    tied = [2.0, 1.0, 2.0, -1.0, 1.0, 1.0, 0.5, 2.0]
    cases = [
        case("normal", normal, [3, 17, 3, 39]),
        case("flat", flat, [0, 1, 2]),
        case("tied", tied, [0, 3]),
    ]
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    (folder / "sampling.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
