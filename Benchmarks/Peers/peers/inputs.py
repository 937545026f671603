"""What commands are given: checkpoints, token files and adapters to start from, made when one first names them."""

import json
import os
import random
import tempfile
from pathlib import Path

import measure

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
VOCABULARY = range(1000, 30522)
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
PLAY = "romeo_and_juliet.txt"
# After the title and the list of persons, which any two implementations continue differently sooner.
PLAY_BEGINS = "Two households"


class Lazy(dict):
    """A dictionary whose entries are made when they are asked for."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, name):
        self[name] = str(self.make(name))
        return self[name]


class Inputs:
    """Models are kept in the cache, since making them is slow; the rest lives as long as the run."""

    def __init__(self, folder, options):
        self.folder = Path(folder)
        self.cache = measure.cache()
        environments = ("peft", "adapters", "onnx", "gguf", "llama")
        self.python = {name: str(self.cache / f"venv-{name}" / "bin" / "python") for name in environments}
        self.model = Lazy(self._model)
        self.onnx = Lazy(self._onnx)
        self.tokens = Lazy(self._tokens)
        self.start = Lazy(self._start)
        self.options = options

    def resolve(self, command):
        """The command line with everything in braces in place."""
        return command.format(
            here=HERE,
            peft=ROOT / ".build" / "release" / "peft",
            peft_bench=ROOT / "Benchmarks" / ".build" / "release" / "peft-bench",
            minilm=self.cache / "minilm",
            reviews=self.cache / "reviews",
            scratch=tempfile.mkdtemp(dir=self.folder) + "/output",
            python=self.python,
            model=self.model,
            onnx=self.onnx,
            tokens=self.tokens,
            start=self.start,
            **self.options,
        )

    def _run(self, environment, script, words):
        measure.run(f"{self.python[environment]} {HERE}/{script} {words}")

    def _model(self, name):
        """MiniLM with a head, or a BERT-base of random weights: the real one cannot be fetched everywhere.

        SmolLM2 is the file of 4-bit weights, or a folder of what they stand for.
        """
        if name == "smollm2":
            return self.cache / "smollm2" / SMOLLM2
        if name == "smollm2-floats":
            return self._floats()
        target = self.cache / {"minilm": "minilm-classifier", "bert": "bert-base-random"}[name]
        if not (target / "config.json").exists():
            encoder = f"--model {self.cache}/minilm" if name == "minilm" else ""
            self._run("peft", "torch_checkpoint.py", f"--output {target} --tokenizer {self.cache}/minilm {encoder}")
        return target

    def _floats(self):
        target = self.cache / "smollm2-floats"
        if not (target / "config.json").exists():
            self._run("gguf", "torch_dequantized.py", f"--model {self.model['smollm2']} --output {target}")
        return target

    def _onnx(self, name):
        target = self.folder / f"{name}.onnx"
        self._run("onnx", "onnx_export.py", f"--model {self.model[name]} --output {target}")
        return target

    def _tokens(self, name):
        target = self.folder / f"{name}.json"
        kind, what = name.split("-")
        if kind == "reviews":
            data = f"--data {self.cache}/reviews/{what}.jsonl" + (" --batches 3" if what == "train" else "")
            self._run("peft", "torch_tokens.py", f"--model {self.cache}/minilm {data} --output {target}")
            return target
        # Three batches, so that a step does not see again what it has just learnt; routing and a prompt are one.
        rows, length = map(int, what.split("x"))
        count = 1 if rows in (1, 32) else 3
        if kind == "play":
            text = f"--text {self.cache}/plays/train/{PLAY} --begin '{PLAY_BEGINS}'"
            blocks = f"--length {length} --batch {rows} --batches {count} --output {target}"
            self._run("peft", "torch_blocks.py", f"--model {self.model['smollm2-floats']} {text} {blocks}")
            return target
        source = random.Random(0)
        batches = [
            {
                "ids": [[source.choice(VOCABULARY) for _ in range(length)] for _ in range(rows)],
                "labels": [row % 2 for row in range(rows)],
            }
            for _ in range(count)
        ]
        target.write_text(json.dumps({"batches": batches}), encoding="utf-8")
        return target

    def _start(self, name):
        """method:model:dropout, or method:model:dropout:seed; seeds differ so that adapters do."""
        method, model, dropout, seed = (name.split(":") + ["0"])[:4]
        target = self.folder / name.replace(":", "-")
        environment = "adapters" if method == "adapter" else "peft"
        kind = {
            "lora-top2": "lora --layers 10,11",
            "lora-llama": "lora --language-model --targets q_proj,v_proj",
        }.get(method, method)
        self._run(
            environment,
            "torch_start.py",
            f"--model {self.model[model]} --method {kind} --dropout {dropout} --seed {seed} --output {target}",
        )
        return target


def require_builds():
    """The programs that commands name, or a sentence that says how to build them."""
    for program in ("Benchmarks/.build/release/peft-bench", ".build/release/peft"):
        if not os.access(ROOT / program, os.X_OK):
            raise SystemExit(f"there is no {program}: run `make bench-peers`, which builds it")
