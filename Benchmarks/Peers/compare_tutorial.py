"""The tutorial's accuracy, ours and Hugging Face's Trainer with peft on the same rows; compare.py has its time.

    compare_tutorial.py [--seeds 0,1,2] [--output PREFIX] [--ours-train COMMAND] …

2,000 reviews, 2 epochs, at most 128 tokens, LoRA r 8 and alpha 16 on query and value, batch 16, learning rate 5e-4.
Both sides train on the same file, the first 2,000 rows of train.jsonl. The peer pads to the longest row of a batch,
which computes the same as padding to 128.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import measure

HERE = Path(__file__).parent
OURS_TRAIN = (
    ".build/release/peft train --model {model} --train {train} --method lora --rank 8 --alpha 16 --dropout 0.1"
    " --targets query,value --epochs 2 --batch-size 16 --learning-rate 5e-4 --max-length 128 --weight-decay 0.01"
    " --seed {seed} --threads {threads} --output {output} --json"
)
OURS_EVALUATE = ".build/release/peft evaluate --model {model} --adapter {output} --data {test} --json"
PEER = (
    f"{{python}} {HERE}/torch_tutorial.py --model {{model}} --train {{train}} --limit {{limit}} --seed {{seed}}"
    " --threads {threads}"
)


def arguments():
    cache = measure.cache()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(cache / "minilm"))
    parser.add_argument("--reviews", default=str(cache / "reviews"), help="folder of train.jsonl and test.jsonl")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ours-train", default=OURS_TRAIN)
    parser.add_argument("--ours-evaluate", default=OURS_EVALUATE)
    parser.add_argument("--python", default=str(cache / "venv-peft" / "bin" / "python"))
    parser.add_argument("--peer-only", action="store_true", help="measure only the peer")
    parser.add_argument("--peer-results", help="take the peer's quality from an earlier run's PREFIX.json")
    parser.add_argument("--output", help="write PREFIX.json and PREFIX.md")
    options = parser.parse_args()
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    return options


def write_rows(source, limit, target):
    """The rows both sides train on."""
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    lines = lines[:limit]
    positive = sum(json.loads(line)["label"] == "positive" for line in lines)
    if not 0.25 < positive / len(lines) < 0.75:
        sys.exit(f"{source}: {positive} of the first {len(lines)} rows are positive: it seems to be sorted by label")
    Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")


def process(run):
    return {"process_seconds": run.seconds, "peak_bytes": run.peak_bytes, "foreign_cores": run.foreign_cores}


def ours(options, places, seed):
    values = vars(options) | places | {"seed": seed, "output": f"{places['folder']}/ours-{seed}"}
    run = measure.run(options.ours_train.format(**values))
    print(f"ours, seed {seed}: {run.seconds:.1f} s", file=sys.stderr)
    return {"seed": seed} | process(run), values


def ours_accuracy(options, places, seed):
    timing, values = ours(options, places, seed)
    return timing | {"accuracy": measure.run(options.ours_evaluate.format(**values)).result["accuracy"]}


def peer(options, places, seed, extra):
    run = measure.run(PEER.format(**vars(options) | places, seed=seed) + " " + extra)
    print(f"peer {extra}, seed {seed}: {run.seconds:.1f} s {run.result.get('accuracy', '')}", file=sys.stderr)
    return run.result | process(run)


def measure_quality(options, places):
    """(results, table rows): test accuracy for each seed."""
    test = f"--padding longest --test {places['test']}"
    if options.peer_results:
        results = json.loads(Path(options.peer_results).read_text())["quality"]
        results = {side: results[side] for side in ("peer", "head_only")}
    else:
        results = {
            "peer": [peer(options, places, seed, test) for seed in options.seeds],
            "head_only": [peer(options, places, seed, f"{test} --method head") for seed in options.seeds],
        }
    if not options.peer_only:
        results["ours"] = [ours_accuracy(options, places, seed) for seed in options.seeds]
    means = {side: sum(r["accuracy"] for r in runs) / len(runs) for side, runs in results.items()}
    results["mean_accuracy"] = means

    def each(side):
        found = results.get(side, [])
        return " ".join(f"{r['accuracy']:.3f}" for r in found) + (f" (mean {means[side]:.4f})" if found else "")

    difference = f"{means['ours'] - means['peer']:+.4f}" if "ours" in means else ""
    return results, [
        ["test accuracy", each("ours"), each("peer"), difference],
        ["test accuracy, head alone", "", each("head_only"), ""],
    ]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        places = {"folder": folder, "train": f"{folder}/train.jsonl", "test": f"{options.reviews}/test.jsonl"}
        write_rows(f"{options.reviews}/train.jsonl", options.limit, places["train"])
        quality, rows = measure_quality(options, places)
        results = {"machine": measure.machine(), "limit": options.limit, "quality": quality}
    title = f"{options.limit} reviews × 2 epochs, {options.threads} threads"
    header = [title, "PEFTKit", "Trainer + peft", "ours against it"]
    measure.publish(options.output, results, measure.table(header, rows))


if __name__ == "__main__":
    main()
