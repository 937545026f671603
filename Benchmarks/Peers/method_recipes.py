"""What compare_methods.py trains: every method's options, which both sides spell alike, and the grids to search."""

from dataclasses import dataclass

COMMON = "--epochs 2 --batch-size 16 --max-length 128 --weight-decay 0.01"

LORA = "--rank 8 --alpha 16 --dropout 0.1 --targets query,value --learning-rate 5e-4"
PROMPT = "--method prompt --virtual-tokens 20 --learning-rate 1e-2"


@dataclass(frozen=True)
class Recipe:
    """`options` go to both sides; `ours_only` says what our side needs besides to compute the same."""

    title: str
    options: str
    ours_only: str = ""
    sides: tuple = ("peer", "ours")

    def arguments(self, side):
        return f"{self.options} {self.ours_only}".strip() if side == "ours" else self.options


RECIPES = {
    "lora": Recipe("LoRA", f"--method lora {LORA}"),
    # The best of the search below.
    "lora-all-linear": Recipe(
        "LoRA, all linear maps, rank 32",
        "--method lora --rank 32 --alpha 32 --dropout 0.1 --targets all-linear --learning-rate 1e-3",
    ),
    "dora": Recipe("DoRA", f"--method dora {LORA}"),
    "adapter": Recipe(
        "Adapter (`seq_bn`)", "--method adapter --adapter-config seq_bn --reduction-factor 16 --learning-rate 1e-3"
    ),
    "prefix": Recipe("Prefix, 20 tokens", "--method prefix --virtual-tokens 20 --learning-rate 5e-3"),
    "prompt": Recipe("Prompt, 20 tokens, peft's pooler", PROMPT, "--prompt-pooler peft"),
    # peft has no such layout.
    "prompt-cls": Recipe("Prompt, 20 tokens, pooler on [CLS]", PROMPT, sides=("ours",)),
    "bitfit": Recipe("BitFit", "--method bitfit --learning-rate 1e-3"),
    "ia3": Recipe("IA3", "--method ia3 --learning-rate 5e-3"),
    "full": Recipe("full fine-tuning", "--method full --learning-rate 5e-5"),
    # What the pre-trained features give without any method.
    "head": Recipe("the head alone", "--method head --learning-rate 5e-4", sides=("peer",)),
}


@dataclass(frozen=True)
class Candidate:
    """A method and the grid its hyper-parameters are chosen from, on the validation split."""

    title: str
    options: str
    grid: tuple


def _lora_grid(ranks, rates):
    return tuple(f"--rank {rank} --alpha {2 * rank} --learning-rate {rate}" for rank in ranks for rate in rates)


def _rates(*rates):
    return tuple(f"--learning-rate {rate}" for rate in rates)


ALL_LINEAR = "--dropout 0.1 --targets all-linear"

CANDIDATES = {
    "lora": Candidate("LoRA, all-linear", f"--method lora {ALL_LINEAR}", _lora_grid((8, 16), ("5e-4", "1e-3", "2e-3"))),
    "lora-variants": Candidate(
        "LoRA, all-linear, variants",
        "--method lora --targets all-linear",
        (
            "--rank 8 --alpha 16 --dropout 0 --learning-rate 1e-3",
            "--rank 8 --alpha 32 --dropout 0.1 --learning-rate 1e-3",
            "--rank 8 --alpha 16 --dropout 0.1 --learning-rate 1.4e-3",
            "--rank 32 --alpha 32 --dropout 0.1 --learning-rate 1e-3",
            "--rank 8 --alpha 16 --dropout 0.1 --learning-rate 2e-4 --lora-plus-ratio 16",
            "--rank 8 --alpha 16 --dropout 0.1 --learning-rate 5e-4 --lora-plus-ratio 4",
            "--rank 16 --alpha 16 --dropout 0.1 --learning-rate 5e-4 --initialization pissa",
            "--rank 16 --alpha 16 --dropout 0.1 --learning-rate 1e-3 --initialization pissa",
        ),
    ),
    "dora": Candidate("DoRA, all-linear", f"--method dora {ALL_LINEAR}", _lora_grid((8, 16), ("5e-4", "1e-3", "2e-3"))),
    "adapter": Candidate(
        "Adapter (`double_seq_bn`)",
        "--method adapter --adapter-config double_seq_bn --reduction-factor 16",
        _rates("5e-4", "1e-3", "2e-3"),
    ),
    "full": Candidate("full fine-tuning", "--method full", _rates("3e-5", "5e-5", "1e-4", "2e-4")),
}
