"""PEFTKit and its peers, row by row: the same start, token ids and work, in turn on one machine.

    compare.py [ROW ...] [--rounds 5] [--steps 15] [--output FILE.json] [--page FILE.md]
    compare.py --render         only write the page, from what is stored
    compare.py --list           print the rows' names

Before a row is timed, three steps from the same weights with all dropout at 0 must agree in loss to 1e-4, and inference
in its logits. Every row is stored when it is done, and the page is written from all that are stored.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import measure
from peers import contest, machine, page
from peers.inputs import ROOT, Inputs, require_builds
from peers.results import Results
from peers.rows import ROWS


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="by default all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=15, help="timed steps of a round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--attempts", type=int, default=3, help="runs at most when other processes disturb one")
    parser.add_argument("--output", default=str(measure.cache() / "peers.json"), help="the file that keeps the results")
    parser.add_argument("--page", default=str(ROOT / "Documentation" / "Benchmarks.md"))
    parser.add_argument("--render", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    known = [row.name for row in ROWS]
    for name in options.rows:
        if name not in known:
            parser.error(f"there is no row '{name}'; choose from {', '.join(known)}")
    if min(options.rounds, options.steps, options.threads, options.attempts) < 1:
        parser.error("--rounds, --steps, --threads and --attempts must be at least 1")
    return options


def measure_rows(options, results):
    require_builds()
    surroundings = machine.description()
    with tempfile.TemporaryDirectory() as folder:
        inputs = Inputs(folder, {"steps": options.steps, "threads": options.threads})
        for row in ROWS:
            if not options.rows or row.name in options.rows:
                found = contest.run(row, inputs, options.rounds, options.attempts)
                results.add(row.name, found | {"machine": surroundings})


def main():
    options = arguments()
    if options.list:
        print("\n".join(f"{row.name:24}{row.title}" for row in ROWS))
        return
    results = Results(options.output)
    if not options.render:
        measure_rows(options, results)
    Path(options.page).write_text(page.render(results.read()), encoding="utf-8")
    print(f"{options.page} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
