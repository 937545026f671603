"""AdapterHub's bottleneck adapters; it needs an older transformers, so an environment of its own: venv-adapters."""

import adapters

NAME = "reviews"


def with_adapter(model, preset, reduction_factor):
    """The head is BertForSequenceClassification's: the frozen pooler and one linear, trained with the adapter."""
    adapters.init(model)
    model.add_adapter(NAME, config=adapters.AdapterConfig.load(preset, reduction_factor=reduction_factor))
    model.train_adapter(NAME)
    return model


def save(model, folder):
    model.save_adapter(folder, NAME, with_head=True, use_safetensors=True)


def load(model, folder):
    """The adapter of a folder and its head, to be trained on."""
    adapters.init(model)
    name = model.load_adapter(folder, with_head=True, use_safetensors=True)
    model.train_adapter(name)
    return model
