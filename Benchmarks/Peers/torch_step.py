"""PyTorch's side of a training step: steps over the batches of a file, printed as one JSON line.

    torch_step.py --model DIR --tokens FILE.json --method NAME [--start DIR] [--base-dropout P] [--steps 20] …

--start is the adapter folder of torch_start.py; bitfit and full start from the base's own parameters. `adapter` is
AdapterHub's and runs in venv-adapters, everything else in venv-peft. With --language-model tokens are predicted, not
classes.
"""

import argparse
import json
import statistics
import time

import torch

import torch_batches
import torch_model


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--start", help="the adapter folder to start from")
    parser.add_argument("--base-dropout", type=float, help="replaces the base's dropout probabilities")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--first-losses", type=int, default=3)
    parser.add_argument("--language-model", action="store_true")
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa", help="of a language model")
    parser.add_argument("--compile", action="store_true", help="torch.compile the model (needs a C++ compiler)")
    return parser.parse_args()


def opened(options):
    if options.language_model:
        return torch_model.language_model(options.model, options.attention)
    return torch_model.classifier(options.model, dropout=options.base_dropout)


def started(base, options):
    """Imports only the package that the method needs: no environment has both."""
    if options.method == "adapter":
        import torch_adapters

        return torch_adapters.load(base, options.start)
    import torch_methods

    return torch_methods.load(base, options.start) if options.start else torch_methods.with_method(base, options)


def optimizer(model, learning_rate):
    """Hugging Face's Trainer decays neither biases nor norms."""
    groups = [[], []]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups[name.endswith(".bias") or "LayerNorm" in name].append(parameter)
    decayed, others = groups
    return torch.optim.AdamW(
        [group for group in (dict(params=decayed), dict(params=others, weight_decay=0.0)) if group["params"]],
        lr=learning_rate,
        weight_decay=0.01,
        fused=True,
    )


def main():
    options = arguments()
    torch_model.prepare(options.threads, seed=0)
    base = opened(options)
    model = started(base, options).train()
    trainable = [p for p in model.parameters() if p.requires_grad]
    update = optimizer(model, options.learning_rate)
    compute = torch.compile(model) if options.compile else model
    batches = torch_batches.read(options.tokens)
    given = [batch.continued() if options.language_model else batch.classified() for batch in batches]
    durations, losses = [[] for _ in batches], []
    for step in range(options.warmup + options.steps):
        start = time.perf_counter()
        loss = compute(**given[step % len(batches)]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        update.step()
        update.zero_grad(set_to_none=True)
        # Read within the step, as our side does.
        losses.append(loss.item())
        if step >= options.warmup:
            durations[step % len(batches)].append(time.perf_counter() - start)

    timed = [(batch.tokens, statistics.median(found)) for batch, found in zip(batches, durations, strict=True) if found]
    every = [duration for found in durations for duration in found]
    result = {
        "first_losses": losses[: options.first_losses],
        "median_step_seconds": statistics.median(every),
        "fastest_step_seconds": min(every),
        "tokens_per_second": sum(tokens for tokens, _ in timed) / sum(seconds for _, seconds in timed),
        "trainable_parameters": sum(p.numel() for p in trainable),
        "steps": options.steps,
    }
    print(json.dumps(result | torch_model.description(base)))


if __name__ == "__main__":
    main()
