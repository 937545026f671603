"""The adapters of decoders whose results are stored, each on one of the tiny checkpoints."""

import copy
from dataclasses import dataclass

import torch
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, TaskType, get_peft_model

from reference import generator, random_tensor
from tiny_recipe import _size

CONFIGURATIONS = {
    "lora": LoraConfig,
    "dora": LoraConfig,
    "ia3": IA3Config,
    "prefix": PrefixTuningConfig,
    "prompt": PromptTuningConfig,
}


@dataclass
class DecoderRecipe:
    """What is passed to peft's configuration, on which checkpoint, and how it is trained."""

    checkpoint: str
    method: str
    settings: dict
    seed: int
    # The number of classes of a classifier; None for a language model.
    classes: int | None = None
    learning_rate: float = 5e-3

    def wrap(self, model):
        """The model with the adapter as peft builds it."""
        task = TaskType.SEQ_CLS if self.classes else TaskType.CAUSAL_LM
        configuration = CONFIGURATIONS[self.method](task_type=task, **copy.deepcopy(self.settings))
        return get_peft_model(model, configuration)

    def fill(self, wrapped):
        """Random numbers in every trainable tensor, as if it had been trained."""
        numbers = generator(20_000 + self.seed)
        with torch.no_grad():
            for name, parameter in sorted(wrapped.named_parameters()):
                if parameter.requires_grad:
                    scale, center = _size(name, parameter)
                    parameter.copy_(random_tensor(numbers, parameter.shape, scale, center))


QUERY_VALUE = {"r": 3, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"]}

RECIPES = {
    "llama-defaults": DecoderRecipe("llama", "lora", {}, 1),
    "llama-head": DecoderRecipe(
        "llama", "lora", {"r": 3, "lora_alpha": 5, "target_modules": ["embed_tokens", "lm_head", "o_proj"]}, 2
    ),
    "llama-tied-all-linear": DecoderRecipe(
        "llama-tied", "lora", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear", "bias": "lora_only"}, 3
    ),
    "llama-ia3": DecoderRecipe("llama", "ia3", {}, 4),
    "llama-prefix": DecoderRecipe("llama", "prefix", {"num_virtual_tokens": 3}, 5),
    "llama-prompt": DecoderRecipe("llama", "prompt", {"num_virtual_tokens": 3}, 6),
    "mistral-dora": DecoderRecipe("mistral", "dora", QUERY_VALUE | {"use_dora": True}, 10),
    "mistral-prefix": DecoderRecipe("mistral", "prefix", {"num_virtual_tokens": 4}, 11),
    "qwen2-ia3": DecoderRecipe("qwen2", "ia3", {}, 20),
    "qwen3-all-linear": DecoderRecipe("qwen3", "lora", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}, 30),
    "gpt2-defaults": DecoderRecipe("gpt2", "lora", {}, 40),
    "gpt2-all-linear": DecoderRecipe("gpt2", "lora", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}, 41),
    "gpt2-dora": DecoderRecipe("gpt2", "dora", {"r": 2, "use_dora": True, "target_modules": ["c_attn", "c_fc"]}, 42),
    "gpt2-ia3": DecoderRecipe("gpt2", "ia3", {}, 43),
    "gpt2-prefix": DecoderRecipe("gpt2", "prefix", {"num_virtual_tokens": 2}, 44),
    "gpt2-prompt": DecoderRecipe("gpt2", "prompt", {"num_virtual_tokens": 2}, 45),
    "llama-classes": DecoderRecipe("llama-classifier", "lora", QUERY_VALUE, 50, classes=3),
    "gpt2-classes": DecoderRecipe(
        "gpt2", "lora", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}, 51, classes=3
    ),
}
