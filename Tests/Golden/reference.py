"""What the reference packages compute: batches, logits, gradients and a training trace.

Shared by all scripts beside it, in both environments (peft's and adapters'). Everything runs with dropout off, on one
thread, so that a second run on the same kind of processor writes the same files.
"""

import copy
import importlib
import json
import os
import sys
import warnings
from pathlib import Path

# peft stores targets in a set, whose order in adapter_config.json would otherwise change from run to run.
if os.environ.get("PYTHONHASHSEED") != "0":
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"PYTHONHASHSEED": "0"})
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import torch
import transformers
from safetensors.torch import save_file

PINNED = {"torch": "2.13.0", "transformers": "5.23.0", "peft": "0.21.2"}

# Logits agree when they differ by at most TOLERANCE * max(1, max |logit|).
TOLERANCE = 1e-4

TRAINING = {
    "optimizer": "AdamW",
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.01,
    "weight_decay_exempt": "biases and LayerNorm weights",
    "max_grad_norm": 1.0,
    "schedule": "linear",
    "warmup_steps": 2,
    "steps": 10,
    "dropout": 0.0,
}


def prepare(pinned=PINNED):
    """Checks the pinned versions and makes the run deterministic."""
    for package, wanted in pinned.items():
        version = importlib.import_module(package).__version__.split("+")[0]
        if version != wanted:
            sys.exit(f"{package} {version} is installed, goldens are written with {wanted}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=UserWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)


def write_json(path, value):
    """Lists of scalars on one line, everything else on its own: small, and still readable in a diff."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(_encoded(value, "") + "\n", encoding="utf-8")


def _encoded(value, indent):
    items = list(value.values() if isinstance(value, dict) else value) if isinstance(value, dict | list) else []
    if not any(isinstance(item, dict | list) for item in items) and not (isinstance(value, dict) and indent == ""):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(k, ensure_ascii=False)}: {_encoded(v, inner)}" for k, v in value.items()]
    else:
        parts = [_encoded(v, inner) for v in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + ",".join(f"\n{inner}{part}" for part in parts) + f"\n{indent}{closing}"


def write_tensors(path, tensors):
    """Writes safetensors: float64 results are rounded to float32, integers stay."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    stored = {
        name: (t.detach().to(torch.float32) if t.is_floating_point() else t.detach()).contiguous().clone()
        for name, t in tensors.items()
    }
    save_file(stored, path, metadata={"format": "pt"})


def collate(sequences):
    """Pads to the longest sequence; a padded position has mask 0 and therefore no influence on the others."""
    longest = max(len(s["ids"]) for s in sequences)

    def padded(key, fill):
        return torch.tensor([s[key] + [fill] * (longest - len(s[key])) for s in sequences])

    mask = torch.tensor([[1] * len(s["ids"]) + [0] * (longest - len(s["ids"])) for s in sequences])
    return {"input_ids": padded("ids", 0), "token_type_ids": padded("token_types", 0), "attention_mask": mask}


def labels_of(sequences, label_count):
    """A class for each sequence; with a single label it is the target of a regression."""
    values = [s["label"] % max(label_count, 2) for s in sequences]
    return torch.tensor(values, dtype=torch.long) if label_count > 1 else torch.tensor(values, dtype=torch.float32)


def ragged(padded, sequences):
    """[batch, longest, features] to [tokens, features]: the sequences end to end, without the padding."""
    return torch.cat([padded[i, : len(s["ids"])] for i, s in enumerate(sequences)])


def loss_of(logits, labels):
    """Mean cross-entropy over the batch; mean squared error when there is a single label."""
    if logits.shape[-1] == 1:
        return torch.nn.functional.mse_loss(logits.squeeze(-1), labels.to(logits.dtype))
    return torch.nn.functional.cross_entropy(logits, labels)


def logits_of(model, sequences):
    model.eval()
    with torch.no_grad():
        return model(**collate(sequences)).logits


def tolerance_of(logits):
    return TOLERANCE * max(1.0, logits.abs().max().item())


def require_difference(what, a, b, tolerances):
    """Fails unless a and b are so far apart that mistaking one for the other cannot pass a test."""
    apart = ((a - b).abs().max() / tolerance_of(a)).item()
    if not apart >= tolerances:
        sys.exit(f"{what}: logits are only {apart:.1f} tolerances apart, at least {tolerances} are needed")
    return apart


def doubled(model):
    return copy.deepcopy(model).to(torch.float64)


def loss_and_gradients(model, sequences, labels):
    """(logits, loss, {parameter name: gradient}) of one batch with dropout off."""
    model.eval()
    model.zero_grad(set_to_none=True)
    logits = model(**collate(sequences)).logits
    loss = loss_of(logits, labels)
    loss.backward()
    gradients = {n: p.grad.detach().clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return logits.detach(), loss.item(), gradients


def relative_difference(a, b):
    """The largest ||a - b|| / max(||b||, 1e-6 ||all b||) over the tensors: the measure the tests use."""
    overall = sum(t.double().square().sum() for t in b.values()).sqrt().item()
    return max(
        ((a[n].double() - b[n].double()).norm() / max(b[n].double().norm().item(), 1e-6 * overall)).item() for n in b
    )


def parameter_groups(model):
    """Two groups, as transformers' Trainer makes them: biases and norms are not decayed."""
    decayed, exempt = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            is_exempt = name.endswith("bias") or "LayerNorm" in name
            (exempt if is_exempt else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": TRAINING["weight_decay"]},
        {"params": exempt, "weight_decay": 0.0},
    ]


def training_trace(model, sequences, label_count, batch_size, learning_rate):
    """Ten steps over the sequences in order, again from the start when they are used up; changes the model."""
    model.eval()
    optimizer = torch.optim.AdamW(
        parameter_groups(model),
        lr=learning_rate,
        betas=(TRAINING["beta1"], TRAINING["beta2"]),
        eps=TRAINING["epsilon"],
    )
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, TRAINING["warmup_steps"], TRAINING["steps"])
    trainable = [p for p in model.parameters() if p.requires_grad]
    trace = {"losses": [], "gradient_norms": [], "learning_rates": []}
    for step in range(TRAINING["steps"]):
        start = step * batch_size % len(sequences)
        batch = sequences[start : start + batch_size]
        loss = loss_of(model(**collate(batch)).logits, labels_of(batch, label_count))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trainable, TRAINING["max_grad_norm"])
        trace["losses"].append(loss.item())
        trace["gradient_norms"].append(norm.item())
        trace["learning_rates"].append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return trace


def random_tensor(generator, shape, scale, center=0.0):
    """Float32 normals from numpy's Philox stream, the same on every machine."""
    return torch.from_numpy((generator.standard_normal(shape) * scale + center).astype(numpy.float32))


def generator(seed):
    return numpy.random.Generator(numpy.random.Philox(seed))


def has_no_gradient(name):
    """Softmax is shift-invariant: a key projection's bias adds the same to a query's scores for every key."""
    return name.endswith(("self.key.bias", "self.key.base_layer.bias"))


def describe_adapter(wrapped, batch, training, label_count, batch_size, learning_rate, stored):
    """Everything a test compares for one adapter: (JSON, gradients, trained tensors). Trains the model.

    `stored(model, named)` gives parameters, or their gradients, by the keys of the file that holds the adapter.
    """
    labels = labels_of(batch, label_count)
    logits, loss, gradients = loss_and_gradients(wrapped, batch, labels)
    precise_logits, precise_loss, precise_gradients = loss_and_gradients(doubled(wrapped), batch, labels)
    trainable = {n for n, p in wrapped.named_parameters() if p.requires_grad}
    expecting = [g for n, g in gradients.items() if not has_no_gradient(n)]
    if trainable != set(gradients) or any(not g.abs().max() > 0 for g in expecting):
        sys.exit("a trainable tensor has no gradient")
    stored_gradients = stored(wrapped, gradients)

    precise = doubled(wrapped)
    trace = training_trace(wrapped, training, label_count, batch_size, learning_rate)
    precise_trace = training_trace(precise, training, label_count, batch_size, learning_rate)
    parameters = trained_parameters(wrapped)
    expected = {
        "labels": labels.tolist(),
        "logits": logits.tolist(),
        "logits_double": precise_logits.tolist(),
        "loss": loss,
        "loss_double": precise_loss,
        "gradient_norms": {n: g.norm().item() for n, g in stored_gradients.items()},
        "gradients_float_against_double": relative_difference(
            gradients, {n: g for n, g in precise_gradients.items() if not has_no_gradient(n)}
        ),
        "training": TRAINING
        | {"batch_size": batch_size, "learning_rate": learning_rate}
        | trace
        | {"losses_double": precise_trace["losses"]}
        | {"trained_float_against_double": relative_difference(parameters, trained_parameters(precise))},
    }
    return expected, stored_gradients, stored(wrapped, parameters)


def trained_parameters(model):
    """Without those that have no gradient: AdamW scales their rounding noise up to whole steps."""
    return {n: p.detach() for n, p in model.named_parameters() if p.requires_grad and not has_no_gradient(n)}
