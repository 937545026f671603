"""What is trained with each method: peft's adapters, or the model's own parameters where peft has no such method."""

import peft


def task(model):
    """What peft calls what the model does: a language model has an output for each token."""
    return "SEQ_CLS" if model.get_output_embeddings() is None else "CAUSAL_LM"


def with_lora(model, rank, alpha, dropout, targets, dora=False, layers=None):
    """`layers` are the numbers of the blocks to adapt, None for all."""
    config = peft.LoraConfig(
        task_type=task(model),
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=targets,
        use_dora=dora,
        layers_to_transform=layers,
        layers_pattern="layer" if layers else None,
    )
    return peft.get_peft_model(model, config)


def with_ia3(model):
    """peft's own targets for BERT: key, value and both output.dense, these as feed-forward."""
    return peft.get_peft_model(model, peft.IA3Config(task_type=task(model)))


def with_prefix(model, virtual_tokens):
    return peft.get_peft_model(model, peft.PrefixTuningConfig(task_type=task(model), num_virtual_tokens=virtual_tokens))


def with_prompt(model, virtual_tokens):
    """The virtual tokens come before [CLS], so that the pooler reads the first of them."""
    return peft.get_peft_model(model, peft.PromptTuningConfig(task_type=task(model), num_virtual_tokens=virtual_tokens))


def with_parameters(model, chosen):
    """The model's own parameters whose name is chosen, and the new head; the others are frozen."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = chosen(name) or name.startswith("classifier.")
    return model


def save(model, folder):
    model.save_pretrained(folder)


def load(model, folder):
    """The adapter of a folder, to be trained on; `from_pretrained` refuses that for virtual tokens."""
    config = peft.PeftConfig.from_pretrained(folder)
    config.inference_mode = False
    adapted = peft.get_peft_model(model, config)
    peft.set_peft_model_state_dict(adapted, peft.load_peft_weights(folder))
    return adapted


def with_method(model, options):
    """The model with the method that the command line names."""

    def low_rank(**more):
        targets = options.targets if options.targets == "all-linear" else options.targets.split(",")
        return with_lora(model, options.rank, options.alpha, options.dropout, targets, **more)

    attach = {
        "lora": lambda: low_rank(layers=getattr(options, "layers", None)),
        "dora": lambda: low_rank(dora=True),
        "ia3": lambda: with_ia3(model),
        "prefix": lambda: with_prefix(model, options.virtual_tokens),
        "prompt": lambda: with_prompt(model, options.virtual_tokens),
        "bitfit": lambda: with_parameters(model, lambda name: name.endswith(".bias")),
        "full": lambda: with_parameters(model, lambda name: True),
        "head": lambda: with_parameters(model, lambda name: False),
    }
    return attach[options.method]()
