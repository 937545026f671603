#!/usr/bin/env python3
"""Checks that what the README and the articles quote of measured figures is what the pages say that the measurements write.

- Tables of methods: Documentation/Accuracy.md, by Benchmarks/Peers/compare_methods.py.
- Tables of speed: Documentation/Benchmarks.md, by Benchmarks/Peers/compare.py, rounded to the digits that are quoted.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "Sources/PEFTKit/PEFTKit.docc"

# Raised when more is quoted; a smaller number means that a table is no longer recognised.
ROWS = 42

faults = []


def cells(line):
    """The cells of a table's row; none for other lines."""
    return [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []


def lines(page):
    return (ROOT / page).read_text(encoding="utf-8").splitlines()


def table(page, header):
    """The rows of each table of a page whose header begins so."""
    text = lines(page)
    for number, line in enumerate(text):
        if line.startswith(header):
            for row in map(cells, text[number + 2:]):
                if not row:
                    break
                yield row


def number(text):
    """The first number of a cell and half a unit of its last digit; None without one."""
    found = re.match(r"[\d,]+(?:\.(\d+))?", text)
    return found and (float(found[0].replace(",", "")), 0.5 * 10.0 ** -len(found[1] or ""))


def check_methods():
    # There: name, our accuracy with its seeds, the peer's, difference, trained, ms, memory, file.
    measured = {row[0]: row for row in map(cells, lines("Documentation/Accuracy.md")) if len(row) == 8}
    articles = [path.relative_to(ROOT) for path in sorted(CATALOGUE.rglob("*.md"))]
    quoted = [("README.md", row[0], row[1:], measured.get(row[0], [])[1:]) for row in table("README.md", "| method | test acc")]
    for article in articles:
        for row in table(article, "| method | trained | ms/step |"):
            there = measured.get(row[0], [])
            quoted.append((article, row[0], row[1:], [*there[4:], *(mean.split(" ")[0] for mean in there[1:3])]))
        for row in table(article, "| method | accuracy | trainable"):
            # Of the two prompts that which the guide takes.
            there = measured.get(row[0], measured.get(f"{row[0]}, pooler on [CLS]", []))[1:]
            quoted.append((article, row[0], row[1:6], [*(mean.split(" ")[0] for mean in there[:1]), *there[3:]]))
    for page, name, here, there in quoted:
        if here != there:
            faults.append(f"{page}: Documentation/Accuracy.md has other figures of {name}: {there}")
    return len(quoted)


def check_speeds():
    measured, label = {}, ""
    for row in map(cells, lines("Documentation/Benchmarks.md")):
        if len(row) == 7:
            label = row[0] or label
            sides = [number(side.split(": ")[-1]) for side in row[2:4]]
            measured.setdefault(label, []).append((sides, number(row[4])))
    count = 0
    for header in ("| tokens/s of a training step |", "| tokens/s of a language model |", "| s | PEFTKit | peer |"):
        for row in table("README.md", header):
            count += 1
            here = [number(cell) for cell in row[1:]]
            if not any(agrees(here, rows) for rows in measured.values()):
                faults.append(f"README.md: Documentation/Benchmarks.md has no row with these figures of {row[0]}: {row[1:]}")
    return count


def agrees(here, rows):
    """Whether the quoted sides, their ratio and the ratio of memory are those of a work's rows."""
    (sides, ratio), *rest = rows
    there = [*sides, ratio, *([rest[0][1]] if len(here) > 3 and rest else [])]
    return len(here) == len(there) and all(
        quoted and exact and abs(quoted[0] - exact[0]) <= quoted[1] + 1e-9 for quoted, exact in zip(here, there)
    )


def main():
    count = check_methods() + check_speeds()
    if count < ROWS:
        faults.append(f"check-figures: {count} rows of figures, and there were {ROWS}")
    for line in faults:
        print(line, file=sys.stderr)
    print(f"{count} rows of figures as they were measured: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
