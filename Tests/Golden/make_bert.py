"""Writes bert/: tiny random BERT checkpoints and LoRA adapters with what transformers and peft compute from them.

    make_bert.py [OUTPUT_FOLDER]

README.md beside this file describes what is written.
"""

import copy
import shutil
import sys
from pathlib import Path

import peft
import torch
import transformers

import reference
import tiny_bert
from tiny_adapters import ADAPTERS, fill_adapter, wrap

BATCH_LENGTHS = [1, 2, 7, 19, 37, 60]
TRAINING_LENGTHS = [5, 60, 1, 12, 33, 3, 21, 48, 8, 2, 17, 55, 4, 9, 26, 6, 40, 11, 1, 14]
BATCH_SIZE = 4


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


def describe_adapter(name, folder, checkpoints, batch, training):
    checkpoint = ADAPTERS[name].checkpoint
    model, _ = tiny_bert.load_classifier(checkpoint, checkpoints / checkpoint / "checkpoint")
    label_count = model.config.num_labels
    base_logits = reference.logits_of(model, batch)
    wrapped = wrap(name, model)
    fill_adapter(wrapped, ADAPTERS[name].seed)
    wrapped.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()

    # What is stored must be what peft itself makes of the folder, loaded onto the checkpoint.
    fresh, _ = tiny_bert.load_classifier(checkpoint, checkpoints / checkpoint / "checkpoint")
    loaded = peft.PeftModel.from_pretrained(fresh, folder / "adapter", is_trainable=True)
    logits = reference.logits_of(loaded, batch)
    if not torch.equal(logits, reference.logits_of(wrapped, batch)):
        sys.exit(f"{name}: peft loads its own folder with other logits")

    apart = reference.require_difference(f"{name} without the adapter", logits, base_logits, 100)
    weakest = weakest_tensor(name, loaded, batch, logits)
    expected, gradients, trained = reference.describe_adapter(
        loaded, batch, training, label_count, BATCH_SIZE, ADAPTERS[name].learning_rate
    )
    parameters, everything = loaded.get_nb_trainable_parameters()
    expected = {
        "checkpoint": checkpoint,
        "trainable_parameters": parameters,
        "all_parameters": everything,
        "logits_without_adapter": base_logits.tolist() if tiny_bert.has_classifier(checkpoint) else None,
        "tolerances_apart_without_adapter": apart,
        "tolerances_apart_without_weakest_tensor": weakest,
    } | expected
    reference.write_json(folder / "expected.json", expected)
    reference.write_tensors(folder / "gradients.safetensors", gradients)
    reference.write_tensors(folder / "trained.safetensors", trained)
    trace = expected["training"]
    print(
        f"  {name:20} {parameters:6} trainable  {apart:7.0f} apart, weakest tensor {weakest[1]:6.1f}"
        f"  loss {trace['losses'][0]:.3f} to {trace['losses'][-1]:.3f}"
        f"  clipped {sum(n > 1 for n in trace['gradient_norms'])}"
        f"  float against double: gradients {expected['gradients_float_against_double']:.1e},"
        f" trained {trace['trained_float_against_double']:.1e}"
    )


def weakest_tensor(name, wrapped, batch, logits):
    """Every tensor of the adapter must matter: the one whose removal changes the logits least, and by how much."""
    least = None
    for parameter_name, parameter in wrapped.named_parameters():
        if not parameter.requires_grad:
            continue
        kept = parameter.detach().clone()
        parameter.data.zero_()
        without = reference.logits_of(wrapped, batch)
        apart = reference.require_difference(f"{name} without {parameter_name}", logits, without, 10)
        parameter.data.copy_(kept)
        if least is None or apart < least[1]:
            least = [parameter_name, apart]
    return least


def parameter_counts():
    """The numbers peft prints as trainable, for well-known shapes; no weights are needed for them."""
    shapes = {
        "bert-base, 2 labels": {"num_labels": 2},
        "minilm, 2 labels": {
            "hidden_size": 384,
            "num_hidden_layers": 6,
            "num_attention_heads": 12,
            "intermediate_size": 1536,
            "num_labels": 2,
        },
    }
    recipes = {
        "query,value r=8": {"r": 8, "target_modules": ["query", "value"]},
        "query,key,value r=16": {"r": 16, "target_modules": ["query", "key", "value"]},
        "all-linear r=8": {"r": 8, "target_modules": "all-linear"},
        "output.dense r=4": {"r": 4, "target_modules": ["output.dense"]},
        "query,value r=8, pooler saved": {"r": 8, "target_modules": ["query", "value"], "modules_to_save": ["pooler"]},
    }
    rows = []
    for shape, settings in shapes.items():
        for recipe, lora in recipes.items():
            with torch.device("meta"):
                model = transformers.BertForSequenceClassification(transformers.BertConfig(**settings))
                wrapped = peft.get_peft_model(model, peft.LoraConfig(task_type="SEQ_CLS", **copy.deepcopy(lora)))
            trainable, total = wrapped.get_nb_trainable_parameters()
            rows.append({"model": shape, "adapter": recipe, "trainable": trainable, "all": total} | lora)
    return rows


def main():
    reference.prepare()
    here = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "bert"
    shutil.rmtree(here, ignore_errors=True)
    batch = tiny_bert.sequences(1, BATCH_LENGTHS)
    training = tiny_bert.sequences(2, TRAINING_LENGTHS)
    reference.write_json(here / "sequences.json", {"batch": batch, "training": training})
    reference.write_json(here / "parameter-counts.json", parameter_counts())
    print("checkpoints")
    for name in tiny_bert.CHECKPOINTS:
        describe_checkpoint(name, here / "models" / name, batch)
    print("adapters")
    for name in ADAPTERS:
        describe_adapter(name, here / "adapters" / name, here / "models", batch, training)


if __name__ == "__main__":
    main()
