"""Hugging Face's Trainer, for the tutorial in compare.py, compare_tutorial.py and compare_methods.py: one JSON line.

    torch_tutorial.py --model DIR --train FILE --test FILE [--limit 2000] [--seed 0] [--method lora|dora|…] …

Every method runs in venv-peft but `adapter`, which is AdapterHub's and runs in venv-adapters.
"""

import argparse
import json
import tempfile
import time

import torch
import transformers

import torch_model

METHODS = ["lora", "dora", "adapter", "ia3", "prefix", "prompt", "bitfit", "full", "head"]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--method", choices=METHODS, default="lora")
    parser.add_argument("--targets", default="query,value", help="comma-separated names, or all-linear")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--virtual-tokens", type=int, default=20, help="of prefix and prompt")
    parser.add_argument("--adapter-config", default="seq_bn", help="AdapterHub's name of the configuration")
    parser.add_argument("--reduction-factor", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--padding", choices=["max_length", "longest"], default="max_length")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", help="save the adapter here")
    return parser.parse_args()


def rows(file, limit=None):
    with open(file, encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return read[:limit]


class Reviews(torch.utils.data.Dataset):
    """Tokenised once, before training, as tutorials do; padded to the full length unless the collator pads."""

    def __init__(self, tokenizer, examples, max_length, padding):
        self.encoded = tokenizer(
            [e["text"] for e in examples],
            truncation=True,
            max_length=max_length,
            padding="max_length" if padding == "max_length" else False,
        )
        self.labels = [torch_model.LABELS.index(e["label"]) for e in examples]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return {key: values[index] for key, values in self.encoded.items()} | {"labels": self.labels[index]}


def adapted(base, options):
    """Imports only the package that the method needs: no environment has both."""
    if options.method == "adapter":
        import torch_adapters

        return torch_adapters.with_adapter(base, options.adapter_config, options.reduction_factor)
    import torch_methods

    return torch_methods.with_method(base, options)


def accuracy(model, tokenizer, examples, max_length):
    """Share of correct labels, with dropout off."""
    model.eval()
    correct = 0
    for start in range(0, len(examples), 64):
        batch = examples[start : start + 64]
        encoded = tokenizer(
            [e["text"] for e in batch], truncation=True, max_length=max_length, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            predicted = model(**encoded).logits.argmax(-1).tolist()
        correct += sum(p == torch_model.LABELS.index(e["label"]) for p, e in zip(predicted, batch, strict=True))
    return correct / len(examples)


def main():
    options = arguments()
    began = time.perf_counter()
    torch_model.prepare(options.threads, options.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    base = torch_model.classifier(options.model)
    model = adapted(base, options)
    data = Reviews(tokenizer, rows(options.train, options.limit), options.max_length, options.padding)
    settings = transformers.TrainingArguments(
        output_dir=options.output or tempfile.gettempdir(),
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        seed=options.seed,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="epoch",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = transformers.Trainer(
        model=model,
        args=settings,
        train_dataset=data,
        data_collator=transformers.DataCollatorWithPadding(tokenizer),
    )
    trainer.remove_callback(transformers.PrinterCallback)
    started = time.perf_counter()
    outcome = trainer.train()
    finished = time.perf_counter()
    peak = torch_model.peak_resident_bytes()
    if options.output:
        model.save_pretrained(options.output)
    result = {
        "train_seconds": finished - started,
        "seconds_with_loading": finished - began,
        "train_loss": outcome.training_loss,
        "steps": outcome.global_step,
        "trainable_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "peak_resident_bytes": peak,
        "seed": options.seed,
    }
    if options.test:
        result["accuracy"] = accuracy(model, tokenizer, rows(options.test), options.max_length)
    print(json.dumps(result | torch_model.description(base)))


if __name__ == "__main__":
    main()
