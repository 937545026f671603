"""The recipes of all other methods, and of LoRA in less usual shapes, each on one of the tiny checkpoints."""

from tiny_adapters import QUERY_VALUE
from tiny_recipe import Recipe


def recipe(method, seed, settings, checkpoint="classifier", **others):
    return Recipe(checkpoint, settings, seed, method=method, names_method=True, **others)


DORA = {"r": 3, "lora_alpha": 5, "use_dora": True}
# Only the block's second linear is feed-forward: as a list entry "output.dense" would mean attention.output.dense, too.
FEED_FORWARD_OUTPUT = r".*\.layer\.\d+\.output\.dense"

METHODS = {
    "dora-query-value": recipe("dora", 30, DORA | {"target_modules": ["query", "value"]}),
    "dora-all-linear": recipe("dora", 31, DORA | {"target_modules": "all-linear"}),
    "dora-rslora-patterns": recipe(
        "dora",
        32,
        QUERY_VALUE
        | {"use_dora": True, "use_rslora": True, "rank_pattern": {"query": 9}, "alpha_pattern": {"value": 3}},
    ),
    "dora-bias-all": recipe("dora", 33, DORA | {"target_modules": ["query", "value"], "bias": "all"}),
    "dora-odd-heads": recipe("dora", 34, DORA | {"target_modules": ["query", "output.dense"]}, "odd-heads"),
    "ia3-defaults": recipe("ia3", 40, {}),
    "ia3-attention": recipe("ia3", 41, {"target_modules": ["key", "value"], "feedforward_modules": []}),
    "ia3-feed-forward": recipe(
        "ia3",
        42,
        {
            "target_modules": ["query", "intermediate.dense", "output.dense"],
            "feedforward_modules": FEED_FORWARD_OUTPUT,
        },
    ),
    "ia3-excluded": recipe(
        "ia3",
        43,
        {
            "target_modules": ["query", "intermediate.dense", "output.dense"],
            "feedforward_modules": ["output.dense"],
            "exclude_modules": r".*attention\.output\.dense",
        },
    ),
    "ia3-regex": recipe(
        "ia3",
        44,
        {
            "target_modules": r".*\.layer\.[12]\.(attention\.self\.(key|value)|output\.dense)",
            "feedforward_modules": FEED_FORWARD_OUTPUT,
        },
    ),
    "ia3-saved-pooler": recipe("ia3", 45, {"modules_to_save": ["pooler"]}),
    "ia3-odd-heads": recipe("ia3", 46, {}, "odd-heads"),
    "lora-bias-all": recipe("lora", 50, QUERY_VALUE | {"bias": "all"}),
    "lora-bias-all-saved-pooler": recipe("lora", 51, QUERY_VALUE | {"bias": "all", "modules_to_save": ["pooler"]}),
    "lora-rank-one": recipe("lora", 52, {"r": 1, "lora_alpha": 3, "target_modules": ["query", "key", "value"]}),
    "lora-embedding": recipe(
        "lora",
        53,
        {"r": 4, "lora_alpha": 6, "target_modules": ["query", "word_embeddings", "position_embeddings"]},
    ),
    "lora-odd-heads": recipe(
        "lora", 54, {"r": 3, "lora_alpha": 7, "target_modules": ["query", "key", "value", "output.dense"]}, "odd-heads"
    ),
    "bitfit": recipe("bitfit", 60, {"r": 1, "lora_alpha": 1, "target_modules": ["query"], "bias": "all"}),
    "prefix-table": recipe("prefix", 70, {"num_virtual_tokens": 3}),
    "prefix-one": recipe("prefix", 71, {"num_virtual_tokens": 1}),
    "prefix-odd-heads": recipe("prefix", 72, {"num_virtual_tokens": 5}, "odd-heads"),
    "prefix-projection": recipe(
        "prefix", 73, {"num_virtual_tokens": 4, "prefix_projection": True, "encoder_hidden_size": 24}
    ),
    "prompt-random": recipe("prompt", 80, {"num_virtual_tokens": 3}),
    "prompt-one": recipe("prompt", 81, {"num_virtual_tokens": 1}),
    "prompt-eight": recipe("prompt", 82, {"num_virtual_tokens": 8}),
}
