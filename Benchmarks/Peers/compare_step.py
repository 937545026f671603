"""Dense LoRA steps of the MiniLM shape, ours and PyTorch + peft alternating in one run on the same machine.

    compare_step.py [--alternations 5] [--steps 20] [--output PREFIX] [--ours COMMAND] [--peer COMMAND]

A command is a template with {model} {batch} {length} {steps} {threads}. It prints one JSON line with at least
tokens_per_second (tokens of the timed steps divided by their time, warm-up left out), fastest_step_seconds and loss.
Peak memory is what the operating system says about the finished process. Ours is built with

    swift build --package-path Benchmarks --configuration release --product peft-bench
"""

import argparse
import sys
from pathlib import Path

import measure

HERE = Path(__file__).parent
SETTINGS = "--model {model} --batch {batch} --length {length} --steps {steps} --threads {threads} --json"
OURS = f"{HERE.parent}/.build/release/peft-bench step {SETTINGS}"
PEER = f"{{python}} {HERE}/torch_step.py {SETTINGS}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(measure.cache() / "minilm"))
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--alternations", type=int, default=5)
    parser.add_argument("--attempts", type=int, default=3, help="runs at most when other processes disturb one")
    parser.add_argument("--ours", default=OURS)
    parser.add_argument("--peer", default=PEER)
    parser.add_argument("--python", default=str(measure.cache() / "venv-peft" / "bin" / "python"))
    parser.add_argument("--output", help="write PREFIX.json and PREFIX.md")
    return parser.parse_args()


def row(name, values, ratio, digits=0):
    return [name, measure.spread(values["ours"], digits), measure.spread(values["peer"], digits), ratio]


def main():
    options = arguments()
    runs = {"ours": [], "peer": []}
    for alternation in range(options.alternations):
        for side in ("ours", "peer") if alternation % 2 == 0 else ("peer", "ours"):
            run = measure.run(getattr(options, side).format(**vars(options)), options.attempts)
            process = {"process_peak_bytes": run.peak_bytes, "foreign_cores": run.foreign_cores}
            runs[side].append(run.result | process)
            print(f"{side}: {run.result['tokens_per_second']:.0f} tokens/s", file=sys.stderr)

    speed = {side: [r["tokens_per_second"] for r in results] for side, results in runs.items()}
    fastest = {side: min(r["fastest_step_seconds"] for r in results) * 1e3 for side, results in runs.items()}
    memory = {side: [r["process_peak_bytes"] / 1e6 for r in results] for side, results in runs.items()}
    foreign = {side: [r["foreign_cores"] for r in results] for side, results in runs.items()}
    summary = {
        "speed_ratio": measure.median(speed["ours"]) / measure.median(speed["peer"]),
        "speed_ratios": [a / b for a, b in zip(speed["ours"], speed["peer"], strict=True)],
        # What a busy machine disturbs least.
        "fastest_step_ratio": fastest["peer"] / fastest["ours"],
        "memory_ratio": measure.median(memory["ours"]) / measure.median(memory["peer"]),
    }
    rows = [
        row("tokens/s", speed, f"{summary['speed_ratio']:.2f} times"),
        [
            "fastest step of all, ms",
            f"{fastest['ours']:,.0f}",
            f"{fastest['peer']:,.0f}",
            f"{summary['fastest_step_ratio']:.2f} times",
        ],
        row("peak memory, MB", memory, f"{summary['memory_ratio']:.2f}"),
        row("processors busy with other work", foreign, "", digits=2),
    ]
    title = f"LoRA step, {options.batch} × {options.length} tokens, {options.threads} threads"
    markdown = measure.table([title, "PEFTKit", "PyTorch + peft", "ratio"], rows)
    settings = {k: getattr(options, k) for k in ("batch", "length", "steps", "threads", "alternations")}
    results = {"machine": measure.machine(), "settings": settings, "summary": summary, "runs": runs}
    measure.publish(options.output, results, markdown)


if __name__ == "__main__":
    main()
