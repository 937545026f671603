"""The rows of language models, as data."""

from peers.commands import torch
from peers.row import OURS, Check, Figure, Goal, Row, Side

LANGUAGE = "Language models"

MODEL = "SmolLM2-135M-Instruct"
MEMORY = "peak memory, MB", "process_peak_bytes"
PLAY = "--tokens {tokens[play-4x256]}"
START = "{start[lora-llama:smollm2-floats:0]} --learning-rate 5e-4 --threads {threads}"
OURS_STEP = f"{{peft_bench}} language-step --model {{model[smollm2]}} {PLAY} --adapter {START}"
PEER_STEP = (
    f"{torch('peft', 'torch_step.py')} --language-model --model {{model[smollm2-floats]}} {PLAY} --method lora"
    f" --start {START}"
)
ONCE = "--repetitions 1 --warmup 0"
FIRST_STEPS = " --steps 3 --warmup 0"

NOTE = (
    "llama.cpp multiplies with activations of 8 bits and PEFTKit with float32, so what is checked is not logits but "
    "that the first tokens are the same"
)


def generation(name, title, key, length, count, goal, note):
    """Reading a prompt, and continuing it by `count` tokens after the first; both from one file of weights."""
    given = f"--model {{model[smollm2]}} --tokens {{tokens[play-1x{length}]}} --count {count} --threads {{threads}}"
    ours = f"{{peft_bench}} generate {given}"
    peer = f"{torch('llama', 'llama_generate.py')} {given}"
    return Row(
        name,
        title,
        LANGUAGE,
        (Side(OURS, ours), Side("llama.cpp", peer)),
        (Figure("tokens/s", key, goal=Goal(goal)), Figure(*MEMORY, scale=1e-6)),
        Check("first_tokens", (f"{ours} {ONCE}", f"{peer} {ONCE}")),
        note=f"{NOTE}; {note}",
    )


LANGUAGE_ROWS = (
    Row(
        "llm-step",
        f"LoRA on query and value of {MODEL} with 4-bit weights, 4 × 256 tokens",
        LANGUAGE,
        (Side(OURS, f"{OURS_STEP} --steps {{steps}}"), Side("PyTorch + peft", f"{PEER_STEP} --steps {{steps}}")),
        (
            Figure("tokens/s", "tokens_per_second", goal=Goal(1.7)),
            Figure(*MEMORY, goal=Goal(1 / 3, at_least=False), scale=1e-6),
        ),
        Check("first_losses", (OURS_STEP + FIRST_STEPS, PEER_STEP + FIRST_STEPS)),
        adapter_dropout=0,
        note="PEFTKit trains over the weights as they are in the file, PyTorch over the same weights as float32",
    ),
    generation(
        "llm-decode",
        f"continuing 16 tokens by 256, {MODEL}",
        "generated_tokens_per_second",
        16,
        256,
        0.9,
        "the prompt's time is not in it",
    ),
    generation(
        "llm-prompt",
        f"reading 512 tokens, {MODEL}",
        "prompt_tokens_per_second",
        512,
        0,
        1,
        "up to the first token that follows them",
    ),
)
