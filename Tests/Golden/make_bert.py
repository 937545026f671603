"""Writes bert/: tiny random BERT checkpoints and adapters with what transformers and peft compute from them.

    make_bert.py [OUTPUT_FOLDER] [--only NAME …]

With --only just the named checkpoints and adapters are written, the others stay as they are. README.md beside this
file describes what is written.
"""

import argparse
import shutil
import sys
from pathlib import Path

import peft
import torch

import peft_tensors
import reference
import tiny_bert
from tiny_adapters import ADAPTERS
from tiny_methods import METHODS


def describe_checkpoint(name, folder, batch):
    """Logits, loss, activations and the gradient of every parameter: full fine-tuning of the checkpoint."""
    tiny_bert.write_checkpoint(name, folder / "checkpoint")
    model, report = tiny_bert.load_classifier(name, folder / "checkpoint")
    label_count = model.config.num_labels
    labels = reference.labels_of(batch, label_count)

    precise = reference.doubled(model)
    captured = {}

    def capture(_, __, output):
        output.retain_grad()
        captured["embedded"] = output

    hook = precise.bert.embeddings.word_embeddings.register_forward_hook(capture)
    outputs = precise(**reference.collate(batch), output_hidden_states=True)
    hook.remove()
    pooled = precise.bert.pooler(outputs.hidden_states[-1])
    precise_loss = reference.loss_of(outputs.logits, labels)
    precise_loss.backward()
    precise_gradients = {n: p.grad for n, p in precise.named_parameters()}
    word_gradient = reference.ragged(captured["embedded"].grad, batch)
    logits, loss, gradients = reference.loss_and_gradients(model, batch, labels)
    difference = reference.relative_difference(
        gradients, {n: g for n, g in precise_gradients.items() if not n.endswith("self.key.bias")}
    )

    expected = {"load_report": report, "labels": labels.tolist()}
    activations = {f"hidden.{i}": reference.ragged(h, batch) for i, h in enumerate(outputs.hidden_states)}
    if "bert.pooler.dense.weight" not in report["missing_keys"]:
        activations["pooled"] = pooled
    reference.write_tensors(folder / "activations.safetensors", activations)
    if tiny_bert.has_classifier(name):
        expected |= {
            "logits": logits.tolist(),
            "logits_double": outputs.logits.tolist(),
            "loss": loss,
            "loss_double": precise_loss.item(),
            "gradients_float_against_double": difference,
        }
        stored = precise_gradients | {"word_embeddings_output": word_gradient}
        reference.write_tensors(folder / "gradients.safetensors", stored)
    reference.write_json(folder / "expected.json", expected)
    print(f"  {name:12} loss {precise_loss.item():.4f}  float against double {difference:.1e}")


def describe_adapter(name, recipe, folder, checkpoints, batch, training):
    checkpoint = recipe.checkpoint
    model, _ = tiny_bert.load_classifier(checkpoint, checkpoints / checkpoint / "checkpoint")
    label_count = model.config.num_labels
    batch, training = recipe.cut(batch), recipe.cut(training)
    base_logits = reference.logits_of(model, batch)
    wrapped = recipe.wrap(model)
    recipe.fill(wrapped)
    wrapped.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()

    loaded = load_again(name, recipe, wrapped, folder / "adapter", checkpoints, batch)
    if peft_tensors.has_projection(wrapped):
        reference.write_tensors(folder / "projection.safetensors", peft_tensors.projection(wrapped))
    logits = reference.logits_of(loaded, batch)
    apart = reference.require_difference(f"{name} without the adapter", logits, base_logits, 100)
    weakest = weakest_tensor(name, loaded, batch, logits)
    parameters, everything = loaded.get_nb_trainable_parameters()
    expected, gradients, trained = reference.describe_adapter(
        loaded, batch, training, label_count, tiny_bert.BATCH_SIZE, recipe.learning_rate, peft_tensors.adapter_tensors
    )
    expected = (
        {"checkpoint": checkpoint}
        | ({"method": recipe.method} if recipe.names_method else {})
        | ({"maximum_length": recipe.maximum_length} if recipe.maximum_length else {})
        | {
            "trainable_parameters": parameters,
            "all_parameters": everything,
            "logits_without_adapter": base_logits.tolist() if tiny_bert.has_classifier(checkpoint) else None,
            "tolerances_apart_without_adapter": apart,
            "tolerances_apart_without_weakest_tensor": weakest,
        }
        | expected
    )
    reference.write_json(folder / "expected.json", expected)
    reference.write_tensors(folder / "gradients.safetensors", gradients)
    reference.write_tensors(folder / "trained.safetensors", trained)
    trace = expected["training"]
    print(
        f"  {name:26} {parameters:6} trainable  {apart:7.0f} apart, weakest tensor {weakest[1]:6.1f}"
        f"  loss {trace['losses'][0]:.3f} to {trace['losses'][-1]:.3f}"
        f"  clipped {sum(n > 1 for n in trace['gradient_norms'])}"
        f"  float against double: gradients {expected['gradients_float_against_double']:.1e},"
        f" trained {trace['trained_float_against_double']:.1e}"
    )


def load_again(name, recipe, wrapped, folder, checkpoints, batch):
    """What is stored must be what peft itself makes of the folder, loaded onto the checkpoint.

    peft refuses to train prefixes and prompts that it has loaded: there `wrapped` is returned.
    """
    fresh, _ = tiny_bert.load_classifier(recipe.checkpoint, checkpoints / recipe.checkpoint / "checkpoint")
    trainable = not wrapped.active_peft_config.is_prompt_learning
    loaded = peft.PeftModel.from_pretrained(fresh, folder, is_trainable=trainable)
    recipe.restrict(loaded)
    logits, own = reference.logits_of(loaded, batch), reference.logits_of(wrapped, batch)
    # Flattened for all rows at once, a projected prefix is rounded otherwise.
    allowed = 0.01 * reference.tolerance_of(own) if peft_tensors.has_projection(wrapped) else 0
    if not (logits - own).abs().max() <= allowed:
        sys.exit(f"{name}: peft loads its own folder with other logits")
    return loaded if trainable else wrapped


def weakest_tensor(name, wrapped, batch, logits):
    """Every tensor of the adapter must matter: the one whose removal changes the logits least, and by how much."""
    least = None
    for parameter_name, parameter in wrapped.named_parameters():
        if not parameter.requires_grad or reference.has_no_gradient(parameter_name):
            continue
        kept = parameter.detach().clone()
        parameter.data.zero_()
        without = reference.logits_of(wrapped, batch)
        apart = reference.require_difference(f"{name} without {parameter_name}", logits, without, 10)
        parameter.data.copy_(kept)
        if least is None or apart < least[1]:
            least = [parameter_name, apart]
    return least


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).parent, metavar="OUTPUT_FOLDER")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="checkpoints and adapters to write")
    return parser.parse_args()


def main():
    options = arguments()
    adapters = ADAPTERS | METHODS
    unknown = set(options.only or []) - set(tiny_bert.CHECKPOINTS) - set(adapters)
    if unknown:
        sys.exit(f"there is no checkpoint or adapter {', '.join(sorted(unknown))}")
    reference.prepare()
    here = options.output / "bert"
    batch = tiny_bert.batch()
    training = tiny_bert.training()
    if not options.only:
        shutil.rmtree(here / "models", ignore_errors=True)
        shutil.rmtree(here / "adapters", ignore_errors=True)
        reference.write_json(here / "sequences.json", {"batch": batch, "training": training})
    print("checkpoints")
    for name in tiny_bert.CHECKPOINTS:
        if not options.only or name in options.only:
            describe_checkpoint(name, here / "models" / name, batch)
    print("adapters")
    for name, recipe in adapters.items():
        if not options.only or name in options.only:
            folder = here / "adapters" / name
            shutil.rmtree(folder, ignore_errors=True)
            describe_adapter(name, recipe, folder, here / "models", batch, training)


if __name__ == "__main__":
    main()
