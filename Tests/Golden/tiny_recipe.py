"""One stored adapter: how it is built on a tiny checkpoint, filled and trained."""

import copy
from dataclasses import dataclass

import torch
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, TaskType, get_peft_model

import tiny_bert
from reference import generator, random_tensor

CONFIGURATIONS = {
    "lora": LoraConfig,
    "dora": LoraConfig,
    "bitfit": LoraConfig,
    "ia3": IA3Config,
    "prefix": PrefixTuningConfig,
    "prompt": PromptTuningConfig,
}


@dataclass
class Recipe:
    """What is passed to peft's configuration, on which checkpoint, and how it is trained."""

    checkpoint: str
    settings: dict
    seed: int
    task: TaskType | None = TaskType.SEQ_CLS
    learning_rate: float = 5e-3
    method: str = "lora"
    # The first recipes were all LoRA, and their files do not say so.
    names_method: bool = False

    @property
    def maximum_length(self):
        """Virtual tokens take positions from the text; None for methods without them."""
        virtual_tokens = self.settings.get("num_virtual_tokens")
        return tiny_bert.POSITIONS - virtual_tokens if virtual_tokens else None

    def cut(self, sequences):
        """The sequences as this adapter can read them."""
        kept = slice(self.maximum_length)
        return [s | {"ids": s["ids"][kept], "token_types": s["token_types"][kept]} for s in sequences]

    def wrap(self, model):
        """The model with the adapter as peft builds it."""
        configuration = CONFIGURATIONS[self.method](task_type=self.task, **copy.deepcopy(self.settings))
        wrapped = get_peft_model(model, configuration)
        self.restrict(wrapped)
        return wrapped

    def restrict(self, wrapped):
        """Leaves only biases and the head trainable for BitFit, which peft does not know by name."""
        if self.method == "bitfit":
            for name, parameter in wrapped.named_parameters():
                if "lora_" in name:
                    parameter.requires_grad = False

    def fill(self, wrapped):
        """Random numbers in every trainable tensor, as if it had been trained: no zero B, no untouched head."""
        numbers = generator(10_000 + self.seed)
        with torch.no_grad():
            for name, parameter in sorted(wrapped.named_parameters()):
                if parameter.requires_grad:
                    scale, center = _size(name, parameter)
                    parameter.copy_(random_tensor(numbers, parameter.shape, scale, center))
                elif self.method == "bitfit" and "lora_A" in name:
                    parameter.copy_(random_tensor(numbers, parameter.shape, 0.3))


def _size(name, parameter):
    """(Scale, center) that make a tensor as large as after training and every one of them matter."""
    if "ia3_l" in name:
        return 0.3, 1.0
    if "lora_magnitude_vector" in name:
        # About the norm of a row of the tiny checkpoints' weights.
        return 0.3, 1.3
    if "lora_embedding_A" in name or name.endswith("prompt_encoder.default.embedding.weight"):
        return 0.6, 0.0
    return (0.3 if parameter.dim() == 1 else 0.8 * parameter.shape[-1] ** -0.5), 0.0
