"""One training of compare_methods.py, ours or the peer's, and the file that keeps what the runs gave."""

import json
import os
import sys
import tempfile
from pathlib import Path

import measure
from method_recipes import COMMON

HERE = Path(__file__).parent


class Results:
    """Runs by side, name and seed in a JSON file, so that a comparison can be stopped, resumed and made in pieces.

    Each is added when it ends to what the file has by then: two processes may share it. A file belongs to one model and
    one choice of rows, and ends the program when it was begun with others.
    """

    def __init__(self, file, settings):
        self.file = Path(file)
        self.settings = {key: getattr(settings, key) for key in ("model", "train", "test", "validation", "limit")}
        self.settings["common"] = COMMON
        found = self.read()["settings"]
        for key, value in self.settings.items():
            if found[key] != value:
                sys.exit(f"{file} was made with {key} '{found[key]}', not '{value}': choose another with --results")

    def read(self):
        if not self.file.exists():
            return {"settings": self.settings, "runs": {}}
        return json.loads(self.file.read_text(encoding="utf-8"))

    def find(self, side, name, seed, options=None):
        """The run, unless it was made with other options."""
        run = self.read()["runs"].get(side, {}).get(name, {}).get(str(seed))
        return run if run and options in (None, run["options"]) else None

    def runs(self, side, name, seeds):
        return [run for run in (self.find(side, name, seed) for seed in seeds) if run]

    def add(self, side, name, seed, run):
        content = self.read() | {"machine": measure.machine()}
        content["runs"].setdefault(side, {}).setdefault(name, {})[str(seed)] = run
        self.file.parent.mkdir(parents=True, exist_ok=True)
        written = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        written.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(written, self.file)


def once(results, side, name, seed, options, train, again=False):
    """The run of the file, or what `train()` gives, added to the file."""
    run = None if again else results.find(side, name, seed, options)
    if run is None:
        run = {"options": options} | train()
        results.add(side, name, seed, run)
        print(f"{side} {name}, seed {seed}: {run['accuracy']:.4f}, {run['process_seconds']:.0f} s", file=sys.stderr)
    return run


def peer(settings, options, seed):
    """Pads to the longest row of a batch, which computes the same as padding to the full length.

    Its time isn't compared, so its threads sleep while they wait for each other: beside other work that is far faster.
    """
    python = settings.python_adapters if "--method adapter" in options else settings.python
    run = measure.run(
        f"env OMP_WAIT_POLICY=PASSIVE {python} {HERE}/torch_tutorial.py --model {settings.model}"
        f" --train {settings.train} --test {settings.test} --limit {settings.limit} --seed {seed}"
        f" --threads {settings.threads} --padding longest {COMMON} {options}"
    )
    return run.result | _process(run)


def ours(settings, options, seed, data):
    """Accuracy on `data`, and what else the table says; step time is training alone, memory the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "trained"
        run = measure.run(
            f"{settings.peft} train --model {settings.model} --train {settings.train} --limit {settings.limit}"
            f" --seed {seed} --threads {settings.threads} --output {output} --json {COMMON} {options}"
        )
        trained = run.result
        # Full fine-tuning leaves a checkpoint and no adapter.
        place = f"--model {settings.model} --adapter {output}"
        if not (output / "adapter_config.json").exists():
            place = f"--model {output}"
        evaluated = measure.run(
            f"{settings.peft} evaluate {place} --data {data} --threads {settings.threads} --json"
        ).result
        return {
            "accuracy": evaluated["accuracy"],
            "train_seconds": trained["seconds"],
            "steps": trained["steps"],
            "trainable_parameters": trained["trainable_parameters"],
            "file_bytes": sum(file.stat().st_size for file in output.rglob("*.safetensors")),
        } | _process(run)


def _process(run):
    return {"process_seconds": run.seconds, "peak_bytes": run.peak_bytes, "foreign_cores": run.foreign_cores}
