"""Checks a row, then times its sides in turn."""

import math
import sys

import measure

TOLERANCE = 1e-4


def run(row, inputs, rounds, attempts):
    """What the page needs to know of the row."""
    agreement = checked(row, inputs)
    results = [[] for _ in row.sides]
    for number in range(rounds):
        order = range(len(row.sides)) if number % 2 == 0 else reversed(range(len(row.sides)))
        for side in order:
            results[side].append(measured(row, side, inputs, attempts))
            shown = ", ".join(f"{figure.of(results[side][-1], side):.3g} {figure.title}" for figure in row.figures)
            print(f"{row.name}, round {number + 1}, {row.sides[side].name}: {shown}", file=sys.stderr)
    return {"rounds": rounds, "furthest_apart": agreement, "runs": results}


def measured(row, side, inputs, attempts):
    finished = measure.run(inputs.resolve(row.sides[side].command), attempts)
    result = {key: value for key, value in finished.result.items() if key != "logits"}
    return result | {
        "process_seconds": finished.seconds,
        "process_peak_bytes": finished.peak_bytes,
        "foreign_cores": finished.foreign_cores,
    }


def checked(row, inputs):
    """How far the sides are apart at most; ends the program when that is too far. None for a row that is ours alone."""
    if row.check is None:
        return None
    ours, theirs = (measure.run(inputs.resolve(command)).result for command in row.check.sides)
    first, second = (flat(result[row.check.key]) for result in (ours, theirs))
    if len(first) != len(second) or not first:
        sys.exit(f"{row.name}: one side gives {len(first)} {row.check.key}, the other {len(second)}")
    apart = max(map(abs, (a - b for a, b in zip(first, second, strict=True))))
    # A NaN is no agreement.
    if not apart <= TOLERANCE or math.isnan(sum(first) + sum(second)):
        sys.exit(
            f"{row.name}: the sides do not compute the same: with all dropout at 0, {row.check.key.replace('_', ' ')} "
            f"differ by {apart:.1e}, and 1e-4 is allowed ({first[:3]} here, {second[:3]} there)"
        )
    counts = [result.get("trainable_parameters") for result in (ours, theirs)]
    if counts[0] != counts[1]:
        sys.exit(f"{row.name}: {counts[0]} parameters are trained here and {counts[1]} there; they must be as many")
    return apart


def flat(values):
    """The numbers of a list, or of a list of lists."""
    return [number for value in values for number in (value if isinstance(value, list) else [value])]
