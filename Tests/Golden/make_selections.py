"""Writes targets/selections.json: which modules of a small BERT peft adapts for a recipe, with which rank and scale.

    make_selections.py [OUTPUT_FOLDER]
"""

import copy
import sys
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, TaskType, get_peft_model
from peft.tuners.lora import LoraLayer

import reference
import tiny_bert

RECIPES = {
    "one name": {"target_modules": ["query"]},
    "the end of a name with a dot in it": {"target_modules": ["self.key", "output.dense"]},
    "a whole name": {"target_modules": ["bert.encoder.layer.1.attention.self.value"]},
    "a name is no part of a word": {"target_modules": ["dense"]},
    "an alternative as a pattern": {"target_modules": r".*(query|value)"},
    "a pattern matches whole names only": {"target_modules": r"bert\.encoder\.layer\.\d\.attention\.self\.query"},
    "all-linear": {"target_modules": "all-linear"},
    "the head among the targets": {"target_modules": ["query", "classifier"]},
    "a saved module among the targets": {"target_modules": ["query", "value"], "modules_to_save": ["value"]},
    "a saved module that holds targets": {"target_modules": ["query"], "modules_to_save": ["layer.1"]},
    "excluded names": {"target_modules": ["query", "key"], "exclude_modules": ["layer.0.attention.self.key"]},
    "an excluded pattern": {"target_modules": ["query", "key"], "exclude_modules": r".*layer\.[02].*"},
    "excluded from all-linear": {"target_modules": "all-linear", "exclude_modules": ["pooler.dense", "intermediate.dense"]},
    "one layer": {"target_modules": ["query"], "layers_to_transform": 1},
    "layers": {"target_modules": ["query", "output.dense"], "layers_to_transform": [0, 2]},
    "layers leave out what is in no layer": {"target_modules": ["dense"], "layers_to_transform": [1]},
    "layers of a list": {"target_modules": ["query"], "layers_to_transform": [1], "layers_pattern": "layer"},
    "layers of a list in a list": {
        "target_modules": ["query"], "layers_to_transform": [1], "layers_pattern": ["nothing", "encoder.layer"]
    },
    "layers of a pattern": {"target_modules": ["query"], "layers_to_transform": [2], "layers_pattern": "l.y*er"},
    "rank by name": {"target_modules": ["query", "value"], "rank_pattern": {"value": 3}},
    "the first rank that matches": {
        "target_modules": ["query", "value"], "rank_pattern": {"query": 2, "layer.0.attention.self.query": 5}
    },
    "the first alpha that matches": {
        "target_modules": ["query", "value"],
        "alpha_pattern": {r".*layer\.1\..*": 7, "layer.1.attention.self.query": 9, "self.query": 3},
    },
    "rank and alpha together": {
        "target_modules": ["query", "output.dense"],
        "rank_pattern": {r"layer\.[01]\.output\.dense": 6}, "alpha_pattern": {"output.dense": 5},
    },
    "a pattern is no part of a word": {"target_modules": ["query"], "rank_pattern": {"uery": 3, "1.attention.self.query": 2}},
    "an anchored pattern": {
        "target_modules": ["query"],
        "rank_pattern": {"^query": 3, r"^bert\.encoder\.layer\.2\.attention\.self\.query": 2},
    },
    "alternatives in a pattern": {"target_modules": ["query", "key", "value"], "rank_pattern": {"query|key": 3}},
    "a pattern with a reference to its own group": {
        "target_modules": ["query", "key"], "alpha_pattern": {r"(?P<one>e).*(?P=one)r.*": 2}
    },
    "rslora with patterns": {
        "target_modules": ["query", "value"], "use_rslora": True, "rank_pattern": {"query": 9}, "alpha_pattern": {"value": 3}
    },
}


def selection(settings):
    with torch.device("meta"):
        model = transformers.BertForSequenceClassification(tiny_bert.configuration("classifier"))
        config = LoraConfig(task_type=TaskType.SEQ_CLS, **copy.deepcopy({"r": 4, "lora_alpha": 8} | settings))
        wrapped = get_peft_model(model, config).base_model.model
    return {
        name: {"rank": module.r["default"], "scale": module.scaling["default"]}
        for name, module in wrapped.named_modules()
        if isinstance(module, LoraLayer)
    }


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent) / "targets"
    rows = [
        {"name": name, "settings": {"r": 4, "lora_alpha": 8} | settings, "modules": selection(settings)}
        for name, settings in RECIPES.items()
    ]
    reference.write_json(folder / "selections.json", rows)


if __name__ == "__main__":
    main()
