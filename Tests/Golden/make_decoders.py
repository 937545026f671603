"""Writes decoders/: tiny random decoder checkpoints and adapters with what transformers and peft compute from them.

    make_decoders.py [OUTPUT_FOLDER] [--only NAME …]

With --only just the named checkpoints and adapters are written, the others stay as they are. README.md beside this
file describes what is written.
"""

import argparse
import shutil
import sys
from pathlib import Path

import peft
import torch
import transformers

import peft_tensors
import reference
import tiny_decoders
from decoder_recipes import RECIPES
from reference import TRAINING


def outputs_of(model, sequences):
    """Logits: one row for each token of a language model, end to end; one for each sequence of a classifier.

    Each sequence by itself: with padding, a window may hold nothing but padding, whose gradient is no number.
    """
    rows = []
    for sequence in sequences:
        ids = torch.tensor([sequence["ids"]])
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        # Virtual tokens come first.
        rows.append(logits if logits.dim() == 2 else logits[0, logits.shape[1] - ids.shape[1] :])
    return torch.cat(rows)


def loss_of(logits, sequences):
    """Mean cross-entropy over the tokens behind the first of each sequence, or over the sequences of a classifier."""
    if logits.shape[0] == len(sequences) and logits.shape[1] != tiny_decoders.VOCABULARY:
        return torch.nn.functional.cross_entropy(logits, reference.labels_of(sequences, logits.shape[1]))
    rows, targets, start = [], [], 0
    for sequence in sequences:
        count = len(sequence["ids"])
        rows += range(start, start + count - 1)
        targets += sequence["ids"][1:]
        start += count
    return torch.nn.functional.cross_entropy(logits[rows], torch.tensor(targets))


def loss_and_gradients(model, sequences):
    model.eval()
    model.zero_grad(set_to_none=True)
    logits = outputs_of(model, sequences)
    loss = loss_of(logits, sequences)
    loss.backward()
    gradients = {n: p.grad.detach().clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return logits.detach(), loss.item(), gradients


def has_gradient(name):
    """Softmax does not see a shift of all scores, so that the bias of a key projection has no gradient."""
    return not name.endswith(("k_proj.bias", "k_proj.base_layer.bias"))


def training_trace(model, sequences, learning_rate):
    """Ten steps over the sequences in order, again from the start when they are used up; changes the model."""
    model.eval()
    optimizer = torch.optim.AdamW(
        reference.parameter_groups(model),
        lr=learning_rate,
        betas=(TRAINING["beta1"], TRAINING["beta2"]),
        eps=TRAINING["epsilon"],
    )
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, TRAINING["warmup_steps"], TRAINING["steps"])
    trainable = [p for p in model.parameters() if p.requires_grad]
    trace = {"losses": [], "gradient_norms": []}
    for step in range(TRAINING["steps"]):
        start = step * tiny_decoders.BATCH_SIZE % len(sequences)
        batch = sequences[start : start + tiny_decoders.BATCH_SIZE]
        loss = loss_of(outputs_of(model, batch), batch)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trainable, TRAINING["max_grad_norm"])
        trace["losses"].append(loss.item())
        trace["gradient_norms"].append(norm.item())
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return trace


def describe_checkpoint(name, folder, batch):
    tiny_decoders.write_checkpoint(name, folder / "checkpoint")
    model = tiny_decoders.load(name, folder / "checkpoint")
    logits, loss, gradients = loss_and_gradients(model, batch)
    _, _, precise_gradients = loss_and_gradients(reference.doubled(model), batch)
    difference = reference.relative_difference(
        gradients, {n: g for n, g in precise_gradients.items() if has_gradient(n)}
    )
    reference.write_tensors(folder / "logits.safetensors", {"logits": logits})
    if tiny_decoders.CHECKPOINTS[name].has_gradients:
        reference.write_tensors(folder / "gradients.safetensors", gradients)
    reference.write_json(folder / "expected.json", {"loss": loss, "gradients_float_against_double": difference})
    print(f"  {name:18} loss {loss:.4f}  float against double {difference:.1e}")


def describe_adapter(name, recipe, folder, models, batch, training):
    checkpoint = models / recipe.checkpoint / "checkpoint"
    model = tiny_decoders.load(recipe.checkpoint, checkpoint, recipe.classes)
    with torch.no_grad():
        without = outputs_of(model, batch)
    model.name_or_path = "tiny-" + recipe.checkpoint
    wrapped = recipe.wrap(model)
    recipe.fill(wrapped)
    wrapped.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()

    with torch.no_grad():
        logits = outputs_of(wrapped, batch)
    require_same_when_loaded(name, recipe, wrapped, logits, folder / "adapter", checkpoint, batch)
    apart = reference.require_difference(f"{name} without the adapter", logits, without, 100)
    _, loss, gradients = loss_and_gradients(wrapped, batch)
    _, _, precise = loss_and_gradients(reference.doubled(wrapped), batch)
    trainable = {n for n, p in wrapped.named_parameters() if p.requires_grad}
    if trainable != set(gradients) or any(not g.abs().max() > 0 for n, g in gradients.items() if has_gradient(n)):
        sys.exit(f"{name}: a trainable tensor has no gradient")
    stored_gradients = peft_tensors.adapter_tensors(wrapped, gradients)
    trace = training_trace(wrapped, training, recipe.learning_rate)
    trained = {n: p.detach() for n, p in wrapped.named_parameters() if p.requires_grad and has_gradient(n)}
    expected = {
        "checkpoint": recipe.checkpoint,
        "method": recipe.method,
        "classes": recipe.classes,
        "trainable_parameters": sum(p.numel() for p in wrapped.parameters() if p.requires_grad),
        "tolerances_apart_without_adapter": apart,
        "loss": loss,
        "gradients_float_against_double": reference.relative_difference(
            gradients, {n: g for n, g in precise.items() if has_gradient(n)}
        ),
        "training": TRAINING | {"batch_size": tiny_decoders.BATCH_SIZE, "learning_rate": recipe.learning_rate} | trace,
    }
    reference.write_json(folder / "expected.json", expected)
    reference.write_tensors(folder / "logits.safetensors", {"logits": logits})
    reference.write_tensors(folder / "gradients.safetensors", stored_gradients)
    reference.write_tensors(folder / "trained.safetensors", peft_tensors.adapter_tensors(wrapped, trained))
    print(
        f"  {name:22} {expected['trainable_parameters']:5} trainable  {apart:7.0f} apart"
        f"  loss {trace['losses'][0]:.3f} to {trace['losses'][-1]:.3f}"
        f"  float against double {expected['gradients_float_against_double']:.1e}"
    )


def require_same_when_loaded(name, recipe, wrapped, logits, folder, checkpoint, batch):
    """What is stored must be what peft itself makes of the folder, loaded onto the checkpoint."""
    fresh = tiny_decoders.load(recipe.checkpoint, checkpoint, recipe.classes)
    loaded = peft.PeftModel.from_pretrained(fresh, folder)
    with torch.no_grad():
        if not torch.equal(outputs_of(loaded.eval(), batch), logits):
            sys.exit(f"{name}: peft loads its own folder with other logits")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).parent, metavar="OUTPUT_FOLDER")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="checkpoints and adapters to write")
    return parser.parse_args()


def main():
    options = arguments()
    unknown = set(options.only or []) - set(tiny_decoders.CHECKPOINTS) - set(RECIPES)
    if unknown:
        sys.exit(f"there is no checkpoint or adapter {', '.join(sorted(unknown))}")
    reference.prepare()
    here = options.output / "decoders"
    batch, training = tiny_decoders.batch(), tiny_decoders.training()
    if not options.only:
        shutil.rmtree(here, ignore_errors=True)
        reference.write_json(here / "sequences.json", {"batch": batch, "training": training})
    print("checkpoints")
    for name in tiny_decoders.CHECKPOINTS:
        if not options.only or name in options.only:
            describe_checkpoint(name, here / "models" / name, batch)
    print("adapters")
    for name, recipe in RECIPES.items():
        if not options.only or name in options.only:
            folder = here / "adapters" / name
            shutil.rmtree(folder, ignore_errors=True)
            describe_adapter(name, recipe, folder, here / "models", batch, training)


if __name__ == "__main__":
    main()
