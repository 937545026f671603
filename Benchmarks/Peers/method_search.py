"""The search of compare_methods.py: hyper-parameters chosen on the validation split, then measured on the test split.

Only the chosen ones ever see the test split.
"""

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
    method_runs.once(results, part, text, seed, text, lambda: method_runs.ours(options, text, seed, data))


def mean(options, results, part, name, choice):
    """Over the seeds, or nothing when one is missing."""
    runs = results.runs(part, f"{CANDIDATES[name].options} {choice}", options.seeds)
    return statistics.mean(run["accuracy"] for run in runs) if len(runs) == len(options.seeds) else None


def chosen(options, results, name):
    """The best mean on the validation split, or nothing while the grid is incomplete; the earlier one of equals."""
    means = {choice: mean(options, results, VALIDATION, name, choice) for choice in CANDIDATES[name].grid}
    return None if None in means.values() else max(means, key=means.get)


def table(options, results):
    rows = []
    for name in options.methods:
        best = chosen(options, results, name)
        for choice in CANDIDATES[name].grid:
            found = mean(options, results, VALIDATION, name, choice)
            tested = mean(options, results, TEST, name, choice) if choice == best else None
            if found is not None:
                settings = choice.replace("--", "").replace("learning-rate", "lr")
                rows.append([CANDIDATES[name].title, settings, f"{found:.4f}", f"{tested:.4f}" if tested else ""])
    return measure.table(["method", "settings", "validation accuracy", "test accuracy of the best"], rows)
