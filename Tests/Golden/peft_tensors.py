"""Parameters of a peft model, or their gradients, under the keys of the adapter_model.safetensors it is saved in."""

import peft
import torch


def adapter_tensors(model, named):
    """`named` by the keys of the file; for a projected prefix, which the file has flattened, by those of the model."""
    if model.active_peft_config.is_prompt_learning:
        return {_prompt_key(model, name): tensor for name, tensor in named.items()}
    complete = {name: torch.zeros_like(p) for name, p in model.state_dict().items()} | named
    saved = peft.get_peft_model_state_dict(model, state_dict=complete)
    trainable = peft.get_peft_model_state_dict(
        model, state_dict={n: torch.full_like(t, float(n in named)) for n, t in complete.items()}
    )
    return {key: tensor for key, tensor in saved.items() if trainable[key].to(torch.float64).mean() == 1}


def has_projection(model):
    return getattr(model.active_peft_config, "prefix_projection", False)


def projection(model):
    """What a projected prefix is computed from, under the names of the model's state_dict."""
    return {name: p.detach() for name, p in model.named_parameters() if name.startswith("prompt_encoder.")}


def _prompt_key(model, name):
    if name == "prompt_encoder.default.embedding.weight" and not has_projection(model):
        return "prompt_embeddings"
    return name.replace(".modules_to_save.default.", ".")
