"""The command lines of the rows; what is in braces inputs.py has or makes."""

from dataclasses import dataclass

LORA = "--method lora --rank 8 --alpha 16 --dropout 0.1 --targets query,value --learning-rate 5e-4"
# Both start from the base's own parameters: there is no folder to share.
WITHOUT_FOLDER = ("bitfit", "full")


@dataclass(frozen=True)
class Shape:
    """A model and a file of batches."""

    title: str
    model: str
    tokens: str


SHAPES = {
    "minilm-16x128": Shape("MiniLM 6 × 384, 16 × 128 tokens", "minilm", "dense-16x128"),
    "bert-8x128": Shape("BERT-base 12 × 768, 8 × 128 tokens", "bert", "dense-8x128"),
    "minilm-reviews": Shape("MiniLM 6 × 384, reviews", "minilm", "reviews-train"),
}


def torch(environment, script):
    return f"{{python[{environment}]}} {{here}}/{script}"


def _step(method, shape, dropout, flag):
    shape = SHAPES[shape]
    start = "" if method in WITHOUT_FOLDER else f"{flag} {{start[{method}:{shape.model}:{dropout or 0}]}}"
    return f"--model {{model[{shape.model}]}} --tokens {{tokens[{shape.tokens}]}} {start}"


def ours_step(method, shape, dropout, base_dropout, rate=5e-4, steps="--steps {steps}", threads="{threads}"):
    name = f" --method {method}" if method in WITHOUT_FOLDER else ""
    return (
        f"{{peft_bench}} step {_step(method, shape, dropout, '--adapter')}{name} --base-dropout {base_dropout}"
        f" --learning-rate {rate} --threads {threads} {steps}"
    )


def peer_step(method, shape, dropout, base_dropout, rate=5e-4, steps="--steps {steps}"):
    python = torch("adapters" if method == "adapter" else "peft", "torch_step.py")
    return (
        f"{python} {_step(method, shape, dropout, '--start')} --method {method} --base-dropout {base_dropout}"
        f" --learning-rate {rate} --threads {{threads}} {steps}"
    )


def predict(command, tokens="reviews-test", threads="{threads}"):
    return f"{command} --tokens {{tokens[{tokens}]}} --threads {threads}"
