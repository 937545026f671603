#!/usr/bin/env python3
"""Derives the coefficients in Sources/CKernels: the exponential, tanh near 0, and the normal distribution's tail.

Each function is fitted for the smallest largest relative error (Lawson's iteration: weighted least squares whose
weights grow where the error is large), the coefficients are rounded to single precision, and the result is evaluated
in single precision, with and without fused multiply-add, at many points. Prints the coefficients, highest power first
as in the code, with the errors; fails when a header does not contain them.

Needs numpy and scipy: Scripts/fit-kernels.py
"""

import re
import sys
from pathlib import Path

import numpy as np
from scipy.special import erfcx

KERNELS = Path(__file__).resolve().parent.parent / "Sources" / "CKernels"
NODES = 2000
SAMPLES = 2_000_001
ITERATIONS = 300


def chebyshev_nodes(low: float, high: float) -> np.ndarray:
    """Points that lie densely at both ends, where the error of a fit oscillates fastest."""
    angles = np.pi * (np.arange(NODES) + 0.5) / NODES
    return low + (high - low) * (0.5 - 0.5 * np.cos(angles))


def fit(x, f, factor, reference, numerator: int, denominator: int = 0):
    """p and q, lowest power first, with q(0) = 1 and factor · p(x) / q(x) ≈ f, errors relative to `reference`.

    With q on the other side of the equation the problem is linear; dividing by the last round's q makes the errors
    those of the quotient.
    """
    # Powers of a variable in [-1, 1], so that the least squares problem is well conditioned.
    unit = np.abs(x).max()
    powers = [(x / unit) ** i for i in range(max(numerator, denominator) + 1)]
    columns = [factor / reference * power for power in powers[: numerator + 1]]
    columns += [-f / reference * power for power in powers[1 : denominator + 1]]
    system, target = np.stack(columns, axis=1), f / reference
    weights, quotient, smallest = np.ones(len(x)), np.ones(len(x)), np.inf
    for _ in range(ITERATIONS):
        scale = weights / quotient
        solution, *_ = np.linalg.lstsq(system * scale[:, None], target * scale, rcond=None)
        p, q = solution[: numerator + 1], np.concatenate([[1.0], solution[numerator + 1 :]])
        quotient = sum(c * power for c, power in zip(q, powers))
        error = np.abs((factor * sum(c * power for c, power in zip(p, powers)) / quotient - f) / reference)
        if error.max() < smallest:
            smallest = error.max()
            best = p / unit ** np.arange(len(p)), q / unit ** np.arange(len(q))
        weights = weights * (0.3 + error / error.max())
        weights = weights / weights.max()
    return tuple(c.astype(np.float32) for c in best)


def horner(coefficients: np.ndarray, x: np.ndarray, fused: bool) -> np.ndarray:
    """A polynomial in single precision; fused steps round once (in double, which is nearly that)."""
    result = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        if fused:
            result = (result.astype(np.float64) * x + np.float64(c)).astype(np.float32)
        else:
            result = result * x + c
    return result


class Report:
    """Prints coefficients and errors, and remembers what a header lacks."""

    def __init__(self):
        self.is_complete = True

    def coefficients(self, name: str, header: str, values: np.ndarray):
        """The last digit depends on the version of LAPACK, so one that is nearly there is there."""
        literals = re.findall(r"\b\d+\.\d+(?=f\b)", (KERNELS / header).read_text())
        print(f"{name} ({header}):")
        for value in values[::-1]:
            found = any(abs(float(literal) / abs(float(value)) - 1) < 1e-6 for literal in literals)
            self.is_complete &= found
            print(f"    {value:.9g}f{'' if found else '    missing in the header'}")

    def error(self, name: str, evaluate, exact: np.ndarray):
        plain, fused = (np.abs(evaluate(kind).astype(np.float64) / exact - 1).max() for kind in (False, True))
        print(f"    largest relative error of {name}: {plain:.2g}, fused {fused:.2g}\n")


def exponential(report: Report):
    """e^r = 1 + r + r² p(r) for |r| ≤ ½ ln 2, as e^r − 1 − r = r² p(r) with errors relative to e^r."""
    # A little more than half of ln 2, for rounding to the nearest multiple is not exact.
    r = chebyshev_nodes(-0.5 * np.log(2) * 1.0001, 0.5 * np.log(2) * 1.0001)
    p, _ = fit(r, np.exp(r) - 1 - r, r * r, np.exp(r), 4)
    report.coefficients("p of the exponential", "Vector.h", p)
    x = np.linspace(-0.5 * np.log(2), 0.5 * np.log(2), SAMPLES).astype(np.float32)

    def evaluate(fused):
        square = x * x
        if fused:
            sum_ = horner(p, x, True).astype(np.float64) * square + x
            return (sum_.astype(np.float32) + np.float32(1)).astype(np.float32)
        return horner(p, x, False) * square + x + np.float32(1)

    report.error("eʳ", evaluate, np.exp(x.astype(np.float64)))


def hyperbolic_tangent(report: Report):
    """tanh x = x + x³ p(x²) for |x| ≤ 0.625."""
    x = chebyshev_nodes(1e-3, 0.625)
    p, _ = fit(x * x, np.tanh(x) - x, x**3, np.tanh(x), 4)
    report.coefficients("p of tanh", "Vector.h", p)
    x = np.linspace(1e-6, 0.625, SAMPLES).astype(np.float32)

    def evaluate(fused):
        square = x * x
        q = horner(p, square, fused)
        if fused:
            return ((x * square).astype(np.float64) * q + x).astype(np.float32)
        return x + x * square * q

    report.error("tanh x", evaluate, np.tanh(x.astype(np.float64)))


def normal_tail(report: Report):
    """Φ(−a) e^(a²/2) = ½ erfcx(a / √2) = p(a) / q(a) for 0 ≤ a ≤ 13.2; beyond that the bell is 0."""
    # More points near 0, where most inputs of GELU are.
    a = 13.25 * chebyshev_nodes(0, 1) ** 1.5
    tail = 0.5 * erfcx(a / np.sqrt(2))
    p, q = fit(a, tail, np.ones(NODES), tail, 4, 5)
    report.coefficients("p of the normal tail", "Bodies/Activation.h", p)
    report.coefficients("q of the normal tail", "Bodies/Activation.h", q)
    x = np.linspace(0, 13.2, SAMPLES).astype(np.float32)
    exact = 0.5 * erfcx(x.astype(np.float64) / np.sqrt(2))
    report.error("Φ(−a) e^(a²/2)", lambda fused: horner(p, x, fused) / horner(q, x, fused), exact)


def main() -> int:
    report = Report()
    exponential(report)
    hyperbolic_tangent(report)
    normal_tail(report)
    return 0 if report.is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
