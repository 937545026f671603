"""Writes the adapter folder that both sides of a comparison start from, every trained tensor off its neutral value.

    torch_start.py --model DIR --method lora|dora|ia3|prefix|prompt|adapter --output DIR [--dropout P] …

`adapter` is AdapterHub's and runs in venv-adapters, the others are peft's and run in venv-peft.
"""

import argparse

import torch

import torch_model


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--method", choices=["lora", "dora", "ia3", "prefix", "prompt", "adapter"], required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--language-model", action="store_true", help="of peft's methods")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--dropout", type=float, default=0.0, help="of LoRA and DoRA")
    parser.add_argument("--targets", default="query,value")
    parser.add_argument("--layers", type=lambda text: [int(layer) for layer in text.split(",")], help="of LoRA")
    parser.add_argument("--virtual-tokens", type=int, default=20)
    parser.add_argument("--adapter-config", default="seq_bn")
    parser.add_argument("--reduction-factor", type=int, default=16)
    return parser.parse_args()


def main():
    options = arguments()
    torch_model.prepare(threads=1, seed=options.seed)
    opened = torch_model.language_model if options.language_model else torch_model.classifier
    base = opened(options.model)
    if options.method == "adapter":
        import torch_adapters as package

        model = package.with_adapter(base, options.adapter_config, options.reduction_factor)
    else:
        import torch_methods as package

        model = package.with_method(base, options)
    # A fresh LoRA adds nothing: only what adds something shows that both sides add the same.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and "classifier" not in name:
                parameter.add_(torch.randn_like(parameter) * 0.02)
    package.save(model, options.output)


if __name__ == "__main__":
    main()
