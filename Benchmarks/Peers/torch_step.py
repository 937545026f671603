"""One peer of compare_step.py: dense LoRA training steps in PyTorch and peft, printed as one JSON line.

    torch_step.py --model DIR [--batch 16] [--length 128] [--steps 20] [--warmup 3] [--threads 2]
"""

import argparse
import json
import time

import torch

import torch_methods
import torch_model

RANK, ALPHA, DROPOUT = 8, 16, 0.1


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="torch.compile the model (needs a C++ compiler)")
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output always is JSON")
    return parser.parse_args()


def main():
    options = arguments()
    torch_model.prepare(options.threads, seed=0)
    after_import = torch_model.peak_resident_bytes()
    base = torch_model.classifier(options.model)
    model = torch_methods.with_lora(base, RANK, ALPHA, DROPOUT, ["query", "value"]).train()
    if options.compile:
        model = torch.compile(model)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=5e-4, weight_decay=0.01, fused=True)

    ids = torch.randint(1000, base.config.vocab_size, (options.batch, options.length))
    mask = torch.ones_like(ids)
    labels = torch.arange(options.batch) % 2
    durations, loss = [], None
    for step in range(options.warmup + options.steps):
        start = time.perf_counter()
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step >= options.warmup:
            durations.append(time.perf_counter() - start)

    tokens_per_second = options.batch * options.length * len(durations) / sum(durations)
    flops = torch_model.flops_per_token(base.config, options.length, RANK, adapted_matrices=2)
    print(
        json.dumps(
            {
                "tokens_per_second": tokens_per_second,
                "gflops": tokens_per_second * flops / 1e9,
                "fastest_step_seconds": min(durations),
                "loss": loss.item(),
                "peak_resident_bytes": torch_model.peak_resident_bytes(),
                "resident_bytes_after_import": after_import,
                "torch": torch.__version__,
                "steps": options.steps,
            }
        )
    )


if __name__ == "__main__":
    main()
