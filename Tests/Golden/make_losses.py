"""Writes losses.json: torch's cross-entropy with label smoothing and class weights, and scikit-learn's balanced weights.

    make_losses.py [OUTPUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy
import torch
from sklearn.utils.class_weight import compute_class_weight
from transformers.trainer_pt_utils import LabelSmoother

import reference

ROWS = 9
CASES = {
    "plain": (3, 0.0, None),
    "smoothed": (3, 0.1, None),
    "smoothed, two classes": (2, 0.25, None),
    "smoothed a lot": (5, 0.9, None),
    "weighted": (3, 0.0, [0.5, 2.0, 1.25]),
    "weighted and smoothed": (3, 0.1, [0.5, 2.0, 1.25]),
    "weighted and smoothed, two classes": (2, 0.3, [7.0, 0.2]),
}


def case(number, name):
    classes, smoothing, weights = CASES[name]
    random = numpy.random.Generator(numpy.random.Philox([2024, number]))
    # Float32 numbers, since that is what the loss is given.
    values = torch.tensor(random.normal(0, 3, (ROWS, classes)), dtype=torch.float32).double()
    labels = torch.tensor(random.integers(0, classes, ROWS))
    logits = values.clone().requires_grad_()
    weight = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    loss = torch.nn.functional.cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing)
    loss.backward()
    if weights is None:
        other = LabelSmoother(epsilon=smoothing)({"logits": values}, labels)
        if abs(other.item() - loss.item()) > 1e-6:
            sys.exit(f"{name}: torch gives {loss.item()}, transformers {other.item()}")
    return {
        "name": name,
        "label_smoothing": smoothing,
        "class_weights": weights,
        "logits": values.tolist(),
        "labels": labels.tolist(),
        "loss": loss.item(),
        "gradient": logits.grad.tolist(),
    }


def balanced(labels):
    labels = numpy.array(labels)
    weights = compute_class_weight("balanced", classes=numpy.unique(labels), y=labels)
    return {"labels": labels.tolist(), "weights": weights.tolist()}


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    reference.write_json(
        folder / "losses.json",
        {
            "losses": [case(number, name) for number, name in enumerate(CASES)],
            "balanced": [balanced([0, 1, 1, 0]), balanced([0, 1, 1, 1, 2, 2, 1, 1, 1, 1]), balanced([1] * 19 + [0])],
        },
    )


if __name__ == "__main__":
    main()
