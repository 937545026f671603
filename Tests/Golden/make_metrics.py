"""Writes metrics.json: predictions and what scikit-learn and scipy make of them.

    make_metrics.py [OUTPUT_FOLDER]

README.md beside this file describes what is written.
"""

import json
import math
import sys
import warnings
from pathlib import Path

import numpy
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

PINNED = {"numpy": (numpy, "2.4.6"), "scikit-learn": (sklearn, "1.9.1"), "scipy": (scipy, "1.17.1")}

AVERAGES = ["macro", "micro", "weighted"]


def classification_case(name, labels, probabilities):
    """The model's classes are the columns of `probabilities`, whether they occur or not."""
    labels = numpy.asarray(labels, dtype=int)
    probabilities = numpy.asarray(probabilities, dtype=float)
    classes = list(range(probabilities.shape[1]))
    predicted = probabilities.argmax(axis=1)
    values = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
        "matthews_correlation": metrics.matthews_corrcoef(labels, predicted),
        "roc_auc": roc_auc(labels, probabilities, classes),
    }
    scores = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}
    for metric, score in scores.items():
        for average in AVERAGES:
            values[f"{metric}_{average}"] = score(labels, predicted, labels=classes, average=average, zero_division=0)
        # The class 1 alone, whatever the number of classes.
        values[f"{metric}_binary"] = score(labels, predicted, labels=[1], average="macro", zero_division=0)
        if len(classes) == 2:
            binary = score(labels, predicted, labels=classes, pos_label=1, average="binary", zero_division=0)
            if not math.isclose(values[f"{metric}_binary"], binary, rel_tol=0, abs_tol=1e-15):
                sys.exit(f"{name}: {metric} of the class 1 is not what the average 'binary' gives")
    return {
        "name": name,
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=classes).tolist(),
        "values": finite(values),
    }


def roc_auc(labels, probabilities, classes):
    if len(classes) < 2:
        return math.nan
    if len(classes) == 2:
        return metrics.roc_auc_score(labels, probabilities[:, 1])
    return metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro", labels=classes)


def regression_case(name, targets, predicted):
    targets, predicted = numpy.asarray(targets, dtype=float), numpy.asarray(predicted, dtype=float)
    values = {
        "mse": metrics.mean_squared_error(targets, predicted),
        "rmse": metrics.root_mean_squared_error(targets, predicted),
        "mae": metrics.mean_absolute_error(targets, predicted),
        "pearson": stats.pearsonr(targets, predicted).statistic if len(targets) > 1 else math.nan,
        "spearman": stats.spearmanr(targets, predicted).statistic if len(targets) > 1 else math.nan,
    }
    return {"name": name, "targets": targets.tolist(), "predicted": predicted.tolist(), "values": finite(values)}


def finite(values):
    """JSON has no NaN; null says that a metric is not defined."""
    return {name: None if math.isnan(value) else float(value) for name, value in values.items()}


def random_classification(random, count, classes, grid=None, occurring=None):
    """`grid` makes ties: every probability is a multiple of 1 / grid."""
    labels = random.integers(0, occurring or classes, count)
    if grid:
        probabilities = random.multinomial(grid, numpy.full(classes, 1 / classes), count) / grid
    else:
        logits = random.standard_normal((count, classes)) * 2
        logits[numpy.arange(count), labels] += 1
        probabilities = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities


def classifications():
    random = numpy.random.Generator(numpy.random.Philox(11))
    for classes in [2, 3, 5, 9]:
        for count in [1, 2, 7, 40, 150]:
            yield f"{classes} classes, {count} examples", *random_classification(random, count, classes)
            yield f"{classes} classes, {count} examples with ties", *random_classification(random, count, classes, 6)
    yield "a class that never occurs", *random_classification(random, 30, 4, occurring=3)
    labels, probabilities = random_classification(random, 30, 4)
    probabilities[:, 2] = 0
    yield "a class that is never predicted", labels, probabilities / probabilities.sum(axis=1, keepdims=True)
    yield "always the same prediction", random.integers(0, 3, 20), numpy.tile([0.2, 0.5, 0.3], (20, 1))
    yield "all examples of one of two classes", numpy.ones(9, dtype=int), random_classification(random, 9, 2)[1]
    yield "all examples of class 0", numpy.zeros(9, dtype=int), random_classification(random, 9, 2)[1]
    yield "all examples of one of three classes", numpy.full(9, 2), random_classification(random, 9, 3)[1]
    identity = numpy.eye(3)[[0, 1, 2, 2, 1, 0]]
    yield "everything right", [0, 1, 2, 2, 1, 0], identity
    yield "everything wrong", [1, 2, 0, 0, 2, 1], identity
    yield "everything wrong of two", [1, 0, 1, 0], numpy.eye(2)[[0, 1, 0, 1]]
    yield "a model of one class", [0, 0, 0], numpy.ones((3, 1))
    yield "very unequal classes", numpy.r_[numpy.zeros(195, int), numpy.ones(5, int)], random_classification(
        random, 200, 2
    )[1]


def regressions():
    random = numpy.random.Generator(numpy.random.Philox(12))
    for count in [2, 3, 10, 80, 300]:
        targets = random.standard_normal(count) * 3
        yield f"{count} examples", targets, targets + random.standard_normal(count)
        yield f"{count} unrelated examples", targets, random.standard_normal(count)
        yield f"{count} examples with ties", random.integers(0, 4, count) / 2, random.integers(0, 3, count) / 4
    yield "one example", [2.5], [1.5]
    yield "constant predictions", random.standard_normal(12), numpy.full(12, 0.1)
    yield "constant targets", numpy.full(12, 0.1), random.standard_normal(12)
    yield "everything right", [1.0, 2.0, 4.0], [1.0, 2.0, 4.0]
    yield "the other way round", [1.0, 2.0, 4.0, 7.0], [-1.0, -2.0, -4.0, -7.0]
    yield "two values only", [1, 1, 1, 0, 0], [0, 1, 1, 0, 0]
    yield "large numbers", random.standard_normal(40) * 1e150, random.standard_normal(40) * 1e140
    yield "small numbers", random.standard_normal(40) * 1e-140, random.standard_normal(40) * 1e-130
    yield "far from zero", 1000 + random.standard_normal(40), -2000 + random.standard_normal(40)


def main():
    for package, (module, wanted) in PINNED.items():
        if module.__version__ != wanted:
            sys.exit(f"{package} {module.__version__} is installed, metrics.json is written with {wanted}")
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    cases = {
        "classification": [classification_case(*case) for case in classifications()],
        "regression": [regression_case(*case) for case in regressions()],
    }
    lines = [f'"{kind}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for kind, rows in cases.items()]
    (folder / "metrics.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    for kind, rows in cases.items():
        undefined = sum(value is None for case in rows for value in case["values"].values())
        print(f"{kind}: {len(rows)} cases, {undefined} values undefined")


if __name__ == "__main__":
    main()
