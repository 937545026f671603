"""Documentation/Benchmarks.md, made of the stored results and of what was written by hand."""

import measure
from peers.inputs import HERE
from peers.language_rows import LANGUAGE
from peers.rows import ALONE, INFERENCE, OTHERS, ROWS, TUTORIAL

HEADER = ["work", "figure", "first", "second", "ratio", "goal", "reached"]
CONDITIONS = [
    "row",
    "adapter dropout",
    "base dropout",
    "attention",
    "dtype",
    "threads",
    "furthest apart",
    "rounds",
    "other work",
    "measured",
]


def render(stored):
    rows = [(row, stored[row.name]) for row in ROWS if row.name in stored]
    missing = [f"`{row.name}`" for row in ROWS if row.name not in stored]
    parts = [(HERE / "introduction.md").read_text(encoding="utf-8").strip(), _surroundings(rows)]
    if missing:
        parts.append(f"Not measured yet: {', '.join(missing)}.")
    for section in (OTHERS, TUTORIAL, INFERENCE, LANGUAGE, ALONE):
        chosen = [(row, found) for row, found in rows if row.section == section]
        if chosen:
            parts += [f"## {section}", measure.table(HEADER, [line for pair in chosen for line in _lines(*pair)])]
            parts += _notes(chosen)
    parts += ["## Conditions", _conditions(rows)]
    parts += _falls_short(rows)
    return "\n\n".join(part for part in parts if part) + "\n"


def ratio_of(figure, runs):
    """The medians and their ratio, or the first median where there is nothing to compare with."""
    medians = [measure.median([figure.of(run, side) for run in found]) for side, found in enumerate(runs)]
    if figure.ratio is None:
        return medians, medians[0]
    first, second = medians
    return medians, first / second if figure.ratio == "first/second" else second / first


def verdict(figure, value):
    """Whether the goal is reached, and by how much it is missed."""
    if figure.goal is None:
        return "", ""
    bound = figure.goal.bound
    goal = f"{figure.goal.sign} {bound:.3g}"
    if figure.goal.holds(value):
        return goal, "yes"
    return goal, f"no, by {abs(value / bound - 1) * 100:.1f} %"


def _lines(row, found):
    for number, figure in enumerate(row.figures):
        _, value = ratio_of(figure, found["runs"])
        cells = [
            f"{side.name}: {measure.spread([figure.of(run, index) for run in runs], figure.digits)}"
            for index, (side, runs) in enumerate(zip(row.sides, found["runs"], strict=True))
        ]
        goal, reached = verdict(figure, value)
        ratio = "" if figure.ratio is None else f"{value:.2f}"
        yield [row.title if number == 0 else "", figure.title, *(cells + [""])[:2], ratio, goal, reached]


def _notes(rows):
    """What the rows of a section say besides, each sentence once."""
    notes = {}
    for row, _ in rows:
        if row.note:
            notes.setdefault(row.note, []).append(f"`{row.name}`")
    return ["\n".join(f"- {', '.join(names)}: {note}." for note, names in notes.items())] if notes else []


def _falls_short(rows):
    """Every goal that is missed, and the reasons somebody wrote down."""
    missed = []
    for row, found in rows:
        for figure in row.figures:
            _, value = ratio_of(figure, found["runs"])
            goal, reached = verdict(figure, value)
            if reached.startswith("no"):
                missed.append(f"- `{row.name}`, {figure.title}: {value:.2f} where {goal} is the goal; missed {reached[4:]}.")
    reasons = HERE / "falls-short.md"
    written = reasons.read_text(encoding="utf-8").strip() if reasons.exists() else ""
    parts = [part for part in ("\n".join(missed), written) if part]
    return ["## What falls short, and why", *parts] if parts else []


def _conditions(rows):
    def text(value):
        return "–" if value is None else f"{value:g}"

    lines = []
    for row, found in rows:
        peers = [run for runs in found["runs"] for run in runs if "attention" in run]
        other = max(run["foreign_cores"] for runs in found["runs"] for run in runs)
        apart = "–" if found["furthest_apart"] is None else f"{found['furthest_apart']:.0e}"
        lines.append(
            [
                f"`{row.name}`",
                text(row.adapter_dropout),
                text(row.base_dropout),
                f"own; peer {peers[0]['attention']}" if peers else "own",
                peers[0]["dtype"] if peers else "float32",
                row.threads,
                apart,
                found["rounds"],
                f"{other:.2f}",
                found["date"],
            ]
        )
    return measure.table(CONDITIONS, lines)


def _surroundings(rows):
    """The machine and the versions of every row; usually they are the same for all."""
    machines, versions = {}, {}
    for _, found in rows:
        machine = found["machine"]
        sentence = (
            f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gigabytes']} GB, {machine['system']}"
        )
        machines[sentence] = True
        peers = [run["versions"] for runs in found["runs"] for run in runs if "versions" in run]
        for listed in [machine["versions"], *peers]:
            for name, version in listed.items():
                if version:
                    versions.setdefault(name, {})[version] = True
    if not machines:
        return ""
    sentence = ", ".join(f"{name} {' and '.join(found)}" for name, found in versions.items())
    return f"Machine: {'; '.join(machines)}.\n\nVersions: {sentence}."
