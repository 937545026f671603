"""peft's side of check_interchange.py: load strictly, write random adapters, compute logits."""

import copy
import math
import os
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import peft
import tokenizers
import torch
import transformers
from safetensors.torch import load_file

QUERY_VALUE = {"r": 8, "lora_alpha": 16, "target_modules": ["query", "value"]}
# What peft writes and the command line then reads: the class of its configuration and the settings.
RECIPES = {
    "query-value": (peft.LoraConfig, QUERY_VALUE),
    "all-linear": (peft.LoraConfig, {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}),
    "rslora": (peft.LoraConfig, QUERY_VALUE | {"use_rslora": True}),
    "patterns": (
        peft.LoraConfig,
        QUERY_VALUE
        | {"rank_pattern": {"layer.0.attention.self.query": 3, "value": 5}, "alpha_pattern": {"query": 4}},
    ),
    "layers": (peft.LoraConfig, QUERY_VALUE | {"layers_to_transform": [1, 4], "layers_pattern": "layer"}),
    "regex": (
        peft.LoraConfig,
        QUERY_VALUE | {"target_modules": r".*\.layer\.[0-3]\.(attention\.self\.key|output\.dense)"},
    ),
    "excluded": (peft.LoraConfig, QUERY_VALUE | {"exclude_modules": ["layer.2.attention.self.query"]}),
    "saved-pooler": (peft.LoraConfig, QUERY_VALUE | {"modules_to_save": ["pooler"]}),
    "bias-all": (peft.LoraConfig, QUERY_VALUE | {"bias": "all"}),
    "bias-only": (peft.LoraConfig, QUERY_VALUE | {"bias": "lora_only"}),
    "embeddings": (peft.LoraConfig, QUERY_VALUE | {"target_modules": ["query", "word_embeddings"]}),
    "dora": (peft.LoraConfig, QUERY_VALUE | {"use_dora": True}),
    "ia3": (peft.IA3Config, {}),
    "prefix": (peft.PrefixTuningConfig, {"num_virtual_tokens": 6}),
    "prompt": (peft.PromptTuningConfig, {"num_virtual_tokens": 6}),
    "vera": (peft.VeraConfig, {"r": 64, "target_modules": ["query", "value"]}),
}


def cache():
    return Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")


def prepare():
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning)


def base(model_folder, label_count):
    # A random head: an adapter folder that does not bring its own gives other logits each time.
    return transformers.BertForSequenceClassification.from_pretrained(
        model_folder, num_labels=label_count, dtype=torch.float32
    ).eval()


def load(model_folder, adapter_folder):
    """The adapter on its base; ends the program on any key too few or too many and on any warning of peft's."""
    tensors = load_file(adapter_folder / "adapter_model.safetensors")
    heads = [t for name, t in tensors.items() if name.endswith("classifier.weight")]
    if len(heads) != 1:
        sys.exit(f"{adapter_folder}: {len(heads)} tensors end in classifier.weight, a classifier's adapter has one")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = peft.PeftConfig.from_pretrained(adapter_folder)
        model = base(model_folder, heads[0].shape[0])
        # Otherwise peft warns that the folder names its base by another path than this one.
        model.name_or_path = config.base_model_name_or_path
        wrapped = peft.get_peft_model(model, copy.deepcopy(config))
        wanted = set(peft.get_peft_model_state_dict(wrapped))
        # With bias "all" peft writes this copy of the head's bias, and reports it as unexpected when it reads its own folder.
        doubtful = {"base_model.model.classifier.modules_to_save.bias"}
        missing, unexpected = sorted(wanted - set(tensors) - doubtful), sorted(set(tensors) - wanted)
        if missing or unexpected:
            sys.exit(f"{adapter_folder}: peft misses {missing} and does not expect {unexpected}")
        loaded = peft.PeftModel.from_pretrained(base(model_folder, heads[0].shape[0]), adapter_folder)
        # peft takes no second adapter beside one that trains biases, gives a second VeRA the first one's projections, and
        # reports the table of virtual tokens as unexpected when it reads its own folders.
        asks = getattr(config, "bias", "none") == "none" and config.peft_type != "VERA" and not config.is_prompt_learning
        if asks:
            result = loaded.load_adapter(adapter_folder, "again")
            if result.missing_keys or result.unexpected_keys:
                sys.exit(f"{adapter_folder}: missing {result.missing_keys}, unexpected {result.unexpected_keys}")
            loaded.delete_adapter("again")
            loaded.set_adapter("default")
    about = [str(w.message) for w in caught if not issubclass(w.category, FutureWarning | DeprecationWarning)]
    if about:
        sys.exit(f"{adapter_folder}: peft warns: {' / '.join(about)}")
    stored = peft.get_peft_model_state_dict(loaded)
    different = sorted(name for name in tensors if not torch.equal(stored[name], tensors[name]))
    if different:
        sys.exit(f"{adapter_folder}: peft did not take over {different}")
    return loaded.eval()


def write_random(model_folder, adapter_folder, recipe):
    """A folder as peft writes it, every tensor random and non-zero, and the model it was written from."""
    torch.manual_seed(0)
    kind, settings = recipe
    config = kind(task_type="SEQ_CLS", **copy.deepcopy(settings))
    wrapped = peft.get_peft_model(base(model_folder, 2), config)
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if parameter.requires_grad:
                # Scales around one, and those of random projections, must move further to matter.
                spread = 0.5 if "ia3_l" in name or "vera_lambda" in name else 0.05
                parameter.add_(torch.randn_like(parameter) * spread)
    wrapped.save_pretrained(adapter_folder)
    return wrapped.eval()


def logits(model, model_folder, texts, max_length):
    """One row after the other, without padding."""
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(model_folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    with torch.inference_mode():
        return [model(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits[0].tolist() for text in texts]


def logits_without_adapter(model, model_folder, texts, max_length):
    """The same head on the base alone."""
    head = next(m for n, m in model.named_modules() if n.endswith("classifier.modules_to_save.default"))
    bare = base(model_folder, head.weight.shape[0])
    bare.classifier.load_state_dict(head.state_dict())
    return logits(bare.eval(), model_folder, texts, max_length)


def softmax(values):
    exponentials = [math.exp(v - max(values)) for v in values]
    return [e / sum(exponentials) for e in exponentials]
