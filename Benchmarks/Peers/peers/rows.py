"""All rows of the comparison, as data."""

from peers.commands import LORA, SHAPES, ours_step, peer_step, predict, torch
from peers.language_rows import LANGUAGE_ROWS
from peers.row import OURS, Check, Figure, Goal, Row, Side

OTHERS, TUTORIAL, INFERENCE, ALONE = "Training steps", "The tutorial", "Inference", "PEFTKit alone"
SPEED = "tokens_per_second"


def step(name, title, method, goal, shape="minilm-16x128", dropout=None, peer="PyTorch + peft", memory=None, rate=5e-4):
    """A training step against PyTorch. `dropout` is the adapter's; the base's is 0.1 in both."""
    figures = [
        Figure("tokens/s", SPEED, goal=Goal(goal)),
        Figure("peak memory, MB", "process_peak_bytes", goal=memory, scale=1e-6),
    ]
    return Row(
        name,
        f"{title}, {SHAPES[shape].title}",
        OTHERS,
        (
            Side(OURS, ours_step(method, shape, dropout, 0.1, rate)),
            Side(peer, peer_step(method, shape, dropout, 0.1, rate)),
        ),
        tuple(figures),
        step_check(method, shape, rate),
        adapter_dropout=dropout,
        base_dropout=0.1,
    )


def step_check(method, shape, rate=5e-4):
    return Check(
        "first_losses",
        (
            ours_step(method, shape, 0, 0, rate, "--steps 3 --warmup 0"),
            peer_step(method, shape, 0, 0, rate, "--steps 3 --warmup 0"),
        ),
    )


def tutorial(name, title, padding, goal):
    """Our figure is the whole process, the peer's is only Trainer.train()."""
    given = "--model {minilm} --train {reviews}/train.jsonl --limit 2000"
    training = f"{LORA} --epochs 2 --batch-size 16 --max-length 128 --weight-decay 0.01 --seed 0 --threads {{threads}}"
    return Row(
        name,
        title,
        TUTORIAL,
        (
            Side(OURS, f"{{peft}} train {given} {training} --output {{scratch}} --json"),
            Side(
                "Trainer + peft",
                torch("peft", "torch_tutorial.py") + f" {given} {training} --padding {padding}",
            ),
        ),
        (
            Figure(
                "training, s",
                "process_seconds",
                "second/first",
                Goal(goal),
                digits=1,
                second_key="train_seconds",
            ),
            Figure("peak memory, MB", "process_peak_bytes", scale=1e-6),
        ),
        step_check("lora", "minilm-reviews"),
        adapter_dropout=0.1,
        base_dropout=0.1,
        note="the whole process against `Trainer.train()` alone; the losses that agree are of the first three batches",
    )


def inference(name, title, peer, command, goal):
    ours = predict("{peft_bench} predict --model {model[minilm]}")
    return Row(
        name,
        title,
        INFERENCE,
        (Side(OURS, ours), Side(peer, command)),
        (
            Figure("s a pass", "median_pass_seconds", "second/first", Goal(goal), digits=2),
            Figure("peak memory, MB", "process_peak_bytes", scale=1e-6),
        ),
        Check("logits", (f"{ours} --passes 1", f"{command} --passes 1")),
        note="from token ids to logits, tokenization not included; 16 rows a batch in the order of the file, not sorted "
        "by length, the peer's padded to its longest",
    )


def alone(name, title, first, second, goal, key="median_step_seconds", figure="ms a step", **conditions):
    """Two ways of our own, the first of which must cost at most `goal` times the second."""
    return Row(
        name,
        title,
        ALONE,
        (Side(*first), Side(*second)),
        (Figure(figure, key, goal=Goal(goal, at_least=False), scale=1e3),),
        **conditions,
    )


def dora_step(dropout, goal):
    return alone(
        f"dora-lora-{dropout}",
        f"DoRA's step against LoRA's, MiniLM 16 × 128, adapter dropout {dropout}",
        ("DoRA", ours_step("dora", "minilm-16x128", dropout, 0.1)),
        ("LoRA", ours_step("lora", "minilm-16x128", dropout, 0.1)),
        goal,
        adapter_dropout=dropout,
        base_dropout=0.1,
    )


ROUTED = predict("{peft_bench} routed --model {model[minilm]}", "dense-32x128", threads="1") + " --adapters "

ROWS = (
    step("lora-minilm", "LoRA", "lora", 2.2, dropout=0.1),
    step("lora-bert", "LoRA", "lora", 1.4, "bert-8x128", dropout=0.1, memory=Goal(1 / 3, at_least=False)),
    step("dora", "DoRA", "dora", 2, dropout=0.1),
    step("ia3", "IA3", "ia3", 2),
    step("prefix", "Prefix, 20 tokens", "prefix", 2),
    step("prompt", "Prompt, 20 tokens, peft's pooler", "prompt", 2),
    step("adapter", "Adapter (`seq_bn`)", "adapter", 2, peer="PyTorch + adapters"),
    step("bitfit", "BitFit", "bitfit", 1.7, peer="PyTorch"),
    step("full", "full fine-tuning", "full", 1.7, peer="PyTorch", rate=5e-5),
    tutorial("tutorial-padded", "2,000 reviews × 2 epochs, the peer padding to 128", "max_length", 10),
    tutorial("tutorial-dynamic", "2,000 reviews × 2 epochs, the peer padding to the longest of a batch", "longest", 4),
    inference(
        "inference-transformers",
        "1,604 test reviews against transformers",
        "transformers",
        predict(torch("peft", "torch_predict.py") + " --model {model[minilm]}"),
        3,
    ),
    inference(
        "inference-onnx",
        "1,604 test reviews against the exported model",
        "ONNX Runtime",
        predict(torch("onnx", "onnx_predict.py") + " --model {onnx[minilm]}"),
        1.3,
    ),
    *LANGUAGE_ROWS,
    Row(
        "open",
        "opening BERT-base from safetensors, its tokenizer and the first prediction included",
        ALONE,
        (Side(OURS, "{peft_bench} open --model {model[bert]} --threads {threads}"),),
        (
            Figure("s", "seconds", None, Goal(0.3, at_least=False), digits=3),
            Figure("s, the whole process", "process_seconds", None, digits=3),
        ),
        note="a process opens it once; its file has been read before",
    ),
    Row(
        "hot-load",
        "loading a LoRA folder (r 8, query and value) onto open BERT-base",
        ALONE,
        (Side(OURS, "{peft_bench} hot-load --model {model[bert]} --adapter {start[lora:bert:0.1]}"),),
        (
            Figure("ms", "median_seconds", None, Goal(5, at_least=False), scale=1e3, digits=2),
            Figure("ms, the first", "first_seconds", None, scale=1e3, digits=2),
        ),
    ),
    alone(
        "top-blocks",
        "LoRA on the top two of BERT-base's twelve blocks against all twelve, 8 × 128",
        ("top two", ours_step("lora-top2", "bert-8x128", 0.1, 0.1)),
        ("all twelve", ours_step("lora", "bert-8x128", 0.1, 0.1)),
        0.62,
        adapter_dropout=0.1,
        base_dropout=0.1,
    ),
    alone(
        "remembered-blocks",
        "the same with the lower ten blocks remembered, epochs after the first, against all twelve",
        ("top two, remembering", ours_step("lora-top2", "bert-8x128", 0.1, 0) + " --remember-bytes 2000000000"),
        ("all twelve", ours_step("lora", "bert-8x128", 0.1, 0)),
        0.2,
        adapter_dropout=0.1,
        base_dropout=0,
        note="the warm-up holds the first epoch, which is one step",
    ),
    Row(
        "gemm-share",
        "matrix products in a LoRA step of BERT-base, 8 × 128",
        ALONE,
        (
            Side(
                OURS,
                "{peft_bench} gemm-share --model {model[bert]} --tokens {tokens[dense-8x128]} --adapter {start[lora:bert:0.1]}"
                " --base-dropout 0.1 --threads {threads} --steps {steps}",
            ),
        ),
        (
            Figure("share", "gemm_share", None, Goal(0.85), digits=3),
            Figure("GFLOP/s of the products", "gemm_gigaflops_per_second", None),
            Figure("ms a step", "step_seconds", None, scale=1e3),
        ),
        adapter_dropout=0.1,
        base_dropout=0.1,
        note="the step's FLOPs, divided by its time and by the rate of exactly these products, computed with nothing in between in "
        "the same process",
    ),
    alone(
        "routed",
        "32 × 128 tokens over 16 LoRAs against the same with one, MiniLM",
        ("16 LoRAs", ROUTED + " ".join(f"{{start[lora:minilm:0:{seed}]}}" for seed in range(16))),
        ("one LoRA", ROUTED + "{start[lora:minilm:0:0]}"),
        1.2,
        "median_pass_seconds",
        "ms a pass",
        threads="1",
        note="one pass, and so one thread",
    ),
    dora_step(0, 1.15),
    dora_step(0.1, 1.3),
    Row(
        "threads",
        "two threads against one, LoRA's step, MiniLM 16 × 128",
        ALONE,
        (
            Side("two threads", ours_step("lora", "minilm-16x128", 0.1, 0.1, threads="2")),
            Side("one thread", ours_step("lora", "minilm-16x128", 0.1, 0.1, threads="1")),
        ),
        (Figure("ms a step", "median_step_seconds", "second/first", Goal(1.85), scale=1e3),),
        adapter_dropout=0.1,
        base_dropout=0.1,
        threads="2 and 1",
    ),
)
