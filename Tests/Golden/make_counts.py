"""Writes bert/parameter-counts.json: the numbers peft prints as trainable, for models of real size.

    make_counts.py [OUTPUT_FOLDER]
"""

import copy
import sys
from pathlib import Path

import peft
import torch
import transformers

import reference

SHAPES = {
    "bert-base, 2 labels": {"num_labels": 2},
    "minilm, 2 labels": {
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
        "num_labels": 2,
    },
}
QUERY_VALUE = {"r": 8, "target_modules": ["query", "value"]}

# The first ones, whose rows do not name their type.
LORA = {
    "query,value r=8": QUERY_VALUE,
    "query,key,value r=16": {"r": 16, "target_modules": ["query", "key", "value"]},
    "all-linear r=8": {"r": 8, "target_modules": "all-linear"},
    "output.dense r=4": {"r": 4, "target_modules": ["output.dense"]},
    "query,value r=8, pooler saved": QUERY_VALUE | {"modules_to_save": ["pooler"]},
}
OTHERS = {
    "DoRA query,value r=8": ("LORA", QUERY_VALUE | {"use_dora": True}),
    "DoRA all-linear r=8": ("LORA", {"r": 8, "target_modules": "all-linear", "use_dora": True}),
    "LoRA word_embeddings,query r=8": ("LORA", {"r": 8, "target_modules": ["query", "word_embeddings"]}),
    "LoRA query,value r=8, all biases": ("LORA", QUERY_VALUE | {"bias": "all"}),
    "LoRA query,value r=8, its biases": ("LORA", QUERY_VALUE | {"bias": "lora_only"}),
    "LoRA query r=1, all biases": ("LORA", {"r": 1, "target_modules": ["query"], "bias": "all"}),
    "IA3 defaults": ("IA3", {}),
    "IA3 key,value": ("IA3", {"target_modules": ["key", "value"], "feedforward_modules": []}),
    "prefix 20": ("PREFIX_TUNING", {"num_virtual_tokens": 20}),
    "prefix 20, projected": ("PREFIX_TUNING", {"num_virtual_tokens": 20, "prefix_projection": True}),
    "prefix 20, projected through 128": (
        "PREFIX_TUNING",
        {"num_virtual_tokens": 20, "prefix_projection": True, "encoder_hidden_size": 128},
    ),
    "prompt 20": ("PROMPT_TUNING", {"num_virtual_tokens": 20}),
}


def count(shape, kind, settings):
    with torch.device("meta"):
        model = transformers.BertForSequenceClassification(transformers.BertConfig(**SHAPES[shape]))
        configuration = peft.get_peft_config(
            {"peft_type": kind, "task_type": "SEQ_CLS"} | copy.deepcopy(settings)
        )
        trainable, total = peft.get_peft_model(model, configuration).get_nb_trainable_parameters()
    return {"trainable": trainable, "all": total}


def main():
    reference.prepare()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "bert"
    rows = []
    for shape in SHAPES:
        for name, settings in LORA.items():
            rows.append({"model": shape, "adapter": name} | count(shape, "LORA", settings) | settings)
    for shape in SHAPES:
        for name, (kind, settings) in OTHERS.items():
            counted = count(shape, kind, settings)
            rows.append({"model": shape, "adapter": name} | counted | {"peft_type": kind} | settings)
            print(f"  {shape:20} {name:34} {counted['trainable']:9} of {counted['all']}")
    reference.write_json(folder / "parameter-counts.json", rows)


if __name__ == "__main__":
    main()
