"""The search of compare_methods.py: hyper-parameters chosen on the validation split, then measured on the test split.

Only the chosen ones ever see the test split.
"""

import functools
import statistics

import measure
import method_runs
from method_recipes import CANDIDATES

VALIDATION, TEST = "search on validation", "search on test"


def run(options, results):
    for name in options.methods:
        for choice in CANDIDATES[name].grid:
            for seed in options.seeds:
                _train(options, results, VALIDATION, name, choice, seed)
    for name in options.methods:
        for seed in options.seeds:
            _train(options, results, TEST, name, chosen(options, results, name), seed)


def _train(options, results, part, name, choice, seed):
    text = f"{CANDIDATES[name].options} {choice}"
    data = options.validation if part == VALIDATION else options.test
    run = functools.partial(method_runs.ours, options, text, seed, data)
    method_runs.once(results, part, text, seed, text, run, options.again)


def runs(options, results, part, name, choice):
    return results.runs(part, f"{CANDIDATES[name].options} {choice}", options.seeds)


def mean(options, results, part, name, choice):
    """The accuracy over the seeds, or nothing when one is missing."""
    found = runs(options, results, part, name, choice)
    return statistics.mean(run["accuracy"] for run in found) if len(found) == len(options.seeds) else None


def chosen(options, results, name):
    """The best mean on the validation split, or nothing while the grid is incomplete; the earlier one of equals."""
    means = {choice: mean(options, results, VALIDATION, name, choice) for choice in CANDIDATES[name].grid}
    return None if None in means.values() else max(means, key=means.get)


HEADER = ["method", "settings", "trainable parameters", "validation accuracy", "test accuracy of the best"]


def table(options, results):
    rows = []
    for name in options.methods:
        best = chosen(options, results, name)
        for choice in CANDIDATES[name].grid:
            validated = mean(options, results, VALIDATION, name, choice)
            if validated is None:
                continue
            tested = mean(options, results, TEST, name, choice) if choice == best else None
            settings = choice.replace("--", "").replace("learning-rate", "lr")
            parameters = runs(options, results, VALIDATION, name, choice)[0]["trainable_parameters"]
            accuracies = [f"{validated:.4f}", "" if tested is None else f"{tested:.4f}"]
            rows.append([CANDIDATES[name].title, settings, f"{parameters:,}", *accuracies])
    return measure.table(HEADER, rows)
