"""Every method, ours and Hugging Face's side on the same rows: test accuracy; and what each method costs here.

    compare_methods.py [--methods lora,dora,…] [--seeds 0,1,2] [--peer-only | --ours-only] [--results FILE.json]
    compare_methods.py --table       print the table of the results so far and run nothing
    compare_methods.py search        choose hyper-parameters on the validation split, ours only

Both train on the first 2,000 reviews of train.jsonl for 2 epochs with the same options, those of method_recipes.py.
The peer is peft, for `adapter` AdapterHub's adapters, and for BitFit, full fine-tuning and the head plain PyTorch.
What the results file already has is not run again, so a comparison can be stopped, resumed and run in pieces.
"""

import argparse
import functools
import statistics
import sys

import measure
import method_runs
import method_search
from method_recipes import CANDIDATES, RECIPES


def arguments():
    cache = measure.cache()
    root = method_runs.HERE.parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=["compare", "search"], default="compare")
    parser.add_argument("--methods", type=lambda text: text.split(","), help="from method_recipes.py; by default all")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0, 1, 2])
    parser.add_argument("--peer-only", action="store_true")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--table", action="store_true", help="print the results so far and run nothing")
    parser.add_argument("--again", action="store_true", help="run also what the results have already")
    parser.add_argument("--results", default=str(cache / "methods.json"), help="added to when it exists")
    parser.add_argument("--model", default=str(cache / "minilm"))
    parser.add_argument("--train", default=str(cache / "reviews" / "train.jsonl"))
    parser.add_argument("--test", default=str(cache / "reviews" / "test.jsonl"))
    parser.add_argument("--validation", default=str(cache / "reviews" / "validation.jsonl"), help="of the search")
    parser.add_argument("--limit", type=int, default=2000, help="rows to train on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peft", default=str(root / ".build" / "release" / "peft"), help="our command")
    parser.add_argument("--python", default=str(cache / "venv-peft" / "bin" / "python"))
    parser.add_argument("--python-adapters", default=str(cache / "venv-adapters" / "bin" / "python"))
    options = parser.parse_args()
    known = CANDIDATES if options.part == "search" else RECIPES
    options.methods = options.methods or list(known)
    unknown = [name for name in options.methods if name not in known]
    if unknown:
        parser.error(f"there is no '{unknown[0]}'; choose from {', '.join(known)}")
    return options


def sides(options):
    return [side for side in ("peer", "ours") if not getattr(options, "ours_only" if side == "peer" else "peer_only")]


def compare(options, results):
    """One seed of every method before the next seed: what is there early says most."""
    for seed in options.seeds:
        for side in sides(options):
            for name in options.methods:
                recipe = RECIPES[name]
                if side in recipe.sides:
                    text = recipe.arguments(side)
                    run = functools.partial(train, options, side, text, seed)
                    method_runs.once(results, side, name, seed, text, run, options.again)


def train(options, side, text, seed):
    if side == "peer":
        return method_runs.peer(options, text, seed)
    return method_runs.ours(options, text, seed, options.test)


def accuracy(runs):
    """The mean, and each seed's."""
    values = [run["accuracy"] for run in runs]
    return f"{statistics.mean(values):.4f} ({' '.join(f'{value:.3f}' for value in values)})" if values else ""


def difference(mine, theirs):
    """Of the means over the seeds that both sides have; nothing when one lacks some."""
    if not mine or len(mine) != len(theirs):
        return ""
    return f"{statistics.mean(r['accuracy'] for r in mine) - statistics.mean(r['accuracy'] for r in theirs):+.4f}"


def trainable(mine, theirs):
    """Both counts where they differ: then the two sides didn't train the same thing."""
    ours, peers = ({run["trainable_parameters"] for run in runs} for runs in (mine, theirs))
    count = ", ".join(f"{number:,}" for number in sorted(ours or peers))
    if ours and peers and ours != peers:
        return f"{count} (peer: {', '.join(f'{number:,}' for number in sorted(peers))})"
    return count


def costs(runs):
    """Step time and memory are the medians over the seeds; the file has the same size for each."""
    if not runs:
        return ["", "", ""]
    return [
        f"{measure.median([run['train_seconds'] / run['steps'] for run in runs]) * 1e3:.0f}",
        f"{measure.median([run['peak_bytes'] for run in runs]) / 1e6:.0f}",
        f"{runs[0]['file_bytes'] / 1e3:,.0f}",
    ]


HEADER = [
    "method",
    "test accuracy, PEFTKit",
    "peer",
    "difference",
    "trainable parameters",
    "ms/step",
    "peak memory, MB",
    "file, kB",
]


def table(options, results):
    rows = []
    for name in options.methods:
        mine, theirs = (results.runs(side, name, options.seeds) for side in ("ours", "peer"))
        if not mine and not theirs:
            continue
        compared = [accuracy(mine), accuracy(theirs), difference(mine, theirs)]
        rows.append([RECIPES[name].title, *compared, trainable(mine, theirs), *costs(mine)])
        foreign = max((run["foreign_cores"] for run in mine), default=0)
        if foreign > 0.1:
            print(f"{name}: other work kept {foreign:.1f} processors busy; its ms/step is too high", file=sys.stderr)
    return measure.table(HEADER, rows)


def main():
    options = arguments()
    results = method_runs.Results(options.results, options)
    if options.part == "search":
        if not options.table:
            method_search.run(options, results)
        print(method_search.table(options, results))
        return
    if not options.table:
        compare(options, results)
    print(table(options, results))


if __name__ == "__main__":
    main()
