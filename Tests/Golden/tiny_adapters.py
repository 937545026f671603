"""The LoRA recipes whose results are stored, each on one of the tiny checkpoints."""

from peft import TaskType

from tiny_recipe import Recipe

QUERY_VALUE = {"r": 4, "lora_alpha": 8, "target_modules": ["query", "value"]}

ADAPTERS = {
    "query-value": Recipe("classifier", QUERY_VALUE, 1),
    "defaults": Recipe("classifier", {}, 2),
    "all-linear": Recipe("classifier", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}, 3),
    "rslora": Recipe("classifier", QUERY_VALUE | {"use_rslora": True}, 4),
    "patterns": Recipe(
        "classifier",
        {
            "r": 4,
            "lora_alpha": 6,
            "target_modules": ["query", "value", "output.dense"],
            # The first key that matches counts, and the saved file has sorted keys: only this order survives it.
            "rank_pattern": {"layer.0.attention.self.value": 5, "layer.1.attention.self.query": 2, "value": 3},
            "alpha_pattern": {r"layer\.[12]\.output\.dense": 9, "query": 12},
        },
        5,
    ),
    "layers": Recipe("classifier", QUERY_VALUE | {"layers_to_transform": [0, 2], "layers_pattern": "layer"}, 6),
    "excluded": Recipe(
        "classifier",
        {
            "r": 3,
            "lora_alpha": 6,
            "target_modules": ["query", "key", "value"],
            "exclude_modules": ["layer.0.attention.self.key", "layer.2.attention.self.value"],
        },
        7,
    ),
    "excluded-regex": Recipe("classifier", QUERY_VALUE | {"exclude_modules": r".*\.layer\.1\..*"}, 8),
    "regex": Recipe(
        "classifier",
        {"r": 3, "lora_alpha": 5, "target_modules": r".*\.layer\.[12]\.(attention\.self\.key|output\.dense)"},
        9,
    ),
    "saved-pooler": Recipe("classifier", QUERY_VALUE | {"modules_to_save": ["pooler"]}, 10),
    "no-task": Recipe("classifier", QUERY_VALUE, 11, task=None),
    "rslora-patterns": Recipe(
        "classifier",
        QUERY_VALUE | {"use_rslora": True, "rank_pattern": {"query": 9}, "alpha_pattern": {"value": 3}},
        12,
    ),
    "lora-only-bias": Recipe("classifier", QUERY_VALUE | {"bias": "lora_only"}, 13),
    "unprefixed": Recipe("unprefixed", QUERY_VALUE, 14),
    "pretraining": Recipe("pretraining", QUERY_VALUE, 15),
    "masked-lm": Recipe("masked-lm", QUERY_VALUE | {"modules_to_save": ["pooler"]}, 16),
    "five-labels": Recipe("five-labels", QUERY_VALUE, 17),
    "one-label": Recipe("one-label", QUERY_VALUE, 18),
}
