"""Steps of PyTorch's and transformers' optimizers, and the factors of transformers' learning-rate schedules.

Run with the environment of Scripts/oracle/requirements-peft.txt; writes optimizers.json and schedules.json.
Lion has no implementation there: its three lines follow the paper (Chen et al. 2023, Algorithm 2).
"""

import json
import pathlib

import torch
from transformers import optimization
from transformers.optimization import Adafactor

HERE = pathlib.Path(__file__).parent
STEPS = 6
SHAPES = {"query.lora_A.weight": (3, 5), "query.bias": (5,), "LayerNorm.weight": (4,)}
RATE = 0.01


class Lion(torch.optim.Optimizer):
    def __init__(self, groups, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), rate = group["betas"], group["lr"]
            for parameter in group["params"]:
                mean = self.state[parameter].setdefault("m", torch.zeros_like(parameter))
                direction = torch.sign(beta1 * mean + (1 - beta1) * parameter.grad)
                parameter -= rate * (direction + group["weight_decay"] * parameter)
                mean.mul_(beta2).add_(parameter.grad, alpha=1 - beta2)


def adafactor(groups, **settings):
    return Adafactor(groups, lr=RATE, scale_parameter=False, relative_step=False, **settings)


OPTIMIZERS = {
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=RATE, betas=(0.8, 0.95), eps=1e-6),
    "sgd": lambda groups: torch.optim.SGD(groups, lr=RATE),
    "sgd, momentum": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, dampening=0.3),
    "sgd, nesterov": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True),
    "lion": lambda groups: Lion(groups, lr=RATE),
    "adafactor": adafactor,
    "adafactor, clipped": lambda groups: adafactor(groups, clip_threshold=0.3, decay_rate=-0.5),
}


def steps(make, decay):
    generator = torch.Generator().manual_seed(3)
    draw = lambda shape: torch.randn(shape, generator=generator)
    parameters = {name: torch.nn.Parameter(draw(shape)) for name, shape in SHAPES.items()}
    gradients = [{name: draw(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]
    groups = [
        {"params": [value], "weight_decay": decay if name.endswith("lora_A.weight") else 0.0}
        for name, value in parameters.items()
    ]
    optimizer = make(groups)
    start = {name: value.detach().flatten().tolist() for name, value in parameters.items()}
    values = []
    for gradient in gradients:
        for name, value in parameters.items():
            value.grad = gradient[name].clone()
        optimizer.step()
        values.append({name: value.detach().flatten().tolist() for name, value in parameters.items()})
    flat = [{name: value.flatten().tolist() for name, value in gradient.items()} for gradient in gradients]
    return {"start": start, "gradients": flat, "values": values}


def schedules():
    get = optimization
    rows = []

    def add(name, settings, total, warmup, make):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optimizer, total, warmup)
        factors = []
        for step in range(total):
            factors.append(scheduler.get_last_lr()[0])
            if step + 1 < total:
                optimizer.step()
                scheduler.step()
        rows.append({"name": name, "settings": settings, "total": total, "warmup": warmup, "factors": factors})

    for total in (1, 2, 10, 37):
        for warmup in (0, 1, 3):
            if warmup > total:
                continue
            add("linear", {}, total, warmup, lambda o, t, w: get.get_linear_schedule_with_warmup(o, w, t))
            add("cosine", {"cycles": 0.5}, total, warmup, lambda o, t, w: get.get_cosine_schedule_with_warmup(o, w, t))
            add("cosine", {"cycles": 1.5}, total, warmup,
                lambda o, t, w: get.get_cosine_schedule_with_warmup(o, w, t, num_cycles=1.5))
            add("cosine_with_restarts", {"cycles": 3}, total, warmup,
                lambda o, t, w: get.get_cosine_with_hard_restarts_schedule_with_warmup(o, w, t, num_cycles=3))
            add("polynomial", {"power": 2, "end": 0.1}, total, warmup,
                lambda o, t, w: get.get_polynomial_decay_schedule_with_warmup(o, w, t, lr_end=0.1, power=2))
            add("constant_with_warmup", {}, total, warmup, lambda o, t, w: get.get_constant_schedule_with_warmup(o, w))
            add("inverse_sqrt", {}, total, warmup, lambda o, t, w: get.get_inverse_sqrt_schedule(o, w))
            for decay in (1, 4, 50):
                for rise, fall in (("1-sqrt", "linear"), ("linear", "cosine"), ("cosine", "1-sqrt")):
                    settings = {"decay_steps": decay, "rise": rise, "decay": fall, "minimum": 0.05}
                    add("warmup_stable_decay", settings, total, warmup,
                        lambda o, t, w, decay=decay, rise=rise, fall=fall: get.get_wsd_schedule(
                            o, w, decay, num_training_steps=t, warmup_type=rise, decay_type=fall, min_lr_ratio=0.05))
    return rows


def plateau():
    rows = []
    values = [3.0, 2.0, 2.5, 2.0, 1.99999, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9]
    for mode in ("min", "max"):
        for patience, cooldown in ((0, 0), (1, 0), (1, 2), (3, 1)):
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, mode=mode, factor=0.5, patience=patience, cooldown=cooldown, min_lr=0.1
            )
            factors = []
            for value in values:
                scheduler.step(value)
                factors.append(optimizer.param_groups[0]["lr"])
            rows.append({"mode": mode, "patience": patience, "cooldown": cooldown, "values": values, "factors": factors})
    return rows


def main():
    optimizers = {name: steps(make, 0.1) for name, make in OPTIMIZERS.items()}
    (HERE / "optimizers.json").write_text(json.dumps(optimizers) + "\n")
    (HERE / "schedules.json").write_text(json.dumps({"schedules": schedules(), "plateau": plateau()}) + "\n")


if __name__ == "__main__":
    main()
