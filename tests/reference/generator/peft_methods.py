"""Takes: the sequence-classification checkpoint and the peft library. Gives: data/peft/METHOD.{json,safetensors}
for LoRA, AdaLoRA, prompt and prefix tuning, and the folders that peft saves them in. May not touch: the checkpoint."""
import copy

import peft
import torch
from peft.utils import get_peft_model_state_dict

from . import bertlet_model, checkpoints, classifier, method
from .forward import MAX_LENGTH, TEXTS
from .writing import DATA, write_json

LORA_ALL = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]
CONFIGS = {
    "lora": peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=["query", "value"], task_type="SEQ_CLS"),
    "lora_all": peft.LoraConfig(r=2, lora_alpha=8, lora_dropout=0.0, target_modules=LORA_ALL, task_type="SEQ_CLS"),
    "adalora": peft.AdaLoraConfig(
        init_r=6, target_r=3, tinit=4, tfinal=6, deltaT=2, beta1=0.85, beta2=0.85, orth_reg_weight=0.5,
        total_step=method.STEPS, lora_alpha=8, lora_dropout=0.0, target_modules=["query", "value"], task_type="SEQ_CLS",
    ),
    "prompt": peft.PromptTuningConfig(num_virtual_tokens=5, task_type="SEQ_CLS"),
    "prefix": peft.PrefixTuningConfig(num_virtual_tokens=4, prefix_projection=False, task_type="SEQ_CLS"),
}
# The same with the class that bertlet saves for this pooling.
for name in ("prompt", "prefix"):
    CONFIGS[name + "_mean"] = copy.deepcopy(CONFIGS[name])
# The same on a checkpoint of 16 bits.
for name in ("lora_all", "prompt"):
    CONFIGS[name + "_halves"] = copy.deepcopy(CONFIGS[name])
# Two ranks whose scores are nearly equal could change places in f32: the choice must be clear by this much,
# which it is for this seed, and uneven between the modules.
CLEAR = 0.05
SEEDS = {"adalora": "adalora 15"}


def pooling(name: str) -> str:
    return "mean" if name.endswith("_mean") else "pooler"


def checkpoint(name: str) -> str:
    return classifier.HALVES if name.endswith("_halves") else classifier.CHECKPOINT


def base(name: str) -> torch.nn.Module:
    """In f64 before peft sees it: prefix tuning casts to the type it finds. peft then makes its own parameters in f32."""
    folder = DATA / "checkpoints" / checkpoint(name)
    return bertlet_model.load(
        folder, pooling(name), len(checkpoints.LABELS), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    ).double().eval()


def adapted(name: str) -> peft.PeftModel:
    model = peft.get_peft_model(base(name), CONFIGS[name]).double().train()
    # Otherwise the folder of whoever runs this.
    model.peft_config["default"].base_model_name_or_path = checkpoint(name)
    # AdaLoRA's number of ranks is no weight, though newer versions of peft let an optimizer change it.
    for number in (p for n, p in model.named_parameters() if ".ranknum." in n):
        number.requires_grad_(False)
    new = {n: p for n, p in method.trained(model).items() if "classifier" not in n}
    method.fill(SEEDS.get(name, name), new, 0.2)
    return model


def weights(model: peft.PeftModel) -> dict[str, torch.Tensor]:
    """By the names of adapter_model.safetensors; AdaLoRA's in their full rank, as while training."""
    config = model.peft_config["default"]
    pattern = getattr(config, "rank_pattern", None)
    if pattern is None:
        return get_peft_model_state_dict(model)
    config.rank_pattern = None
    tensors = get_peft_model_state_dict(model)
    config.rank_pattern = pattern
    return tensors


def losses(model: peft.PeftModel):
    def of(inputs: dict, labels: torch.Tensor) -> tuple[torch.Tensor, dict]:
        output = model(**inputs, labels=labels)
        task = torch.nn.functional.cross_entropy(output.logits, labels)
        if model.peft_config["default"].peft_type != peft.PeftType.ADALORA:
            assert torch.equal(task, output.loss)
            return output.loss, {}
        return output.loss, {"cross_entropy": task.item(), "orthogonal": (output.loss - task).item()}
    return of


def allocation(model: peft.PeftModel):
    """peft's own call after the optimizer's step, and what came of it: the budget, and each E's ranks that are not 0."""
    allocator = model.base_model.rankallocator
    choose = allocator.mask_to_budget

    def chosen(encoder: torch.nn.Module, budget: int) -> dict:
        pattern = choose(encoder, budget)
        clear(encoder, allocator, pattern)
        return pattern

    allocator.mask_to_budget = chosen

    def after(step: int) -> dict:
        model.base_model.update_and_allocate(step)
        values = {n: p for n, p in model.base_model.model.named_parameters() if ".lora_E." in n}
        pattern = {n.removesuffix(".default"): (p.flatten() != 0).int().tolist() for n, p in values.items()}
        return {"budget": allocator.budget_schedule(step)[0], "rank_pattern": pattern}

    return after


def clear(encoder: torch.nn.Module, allocator: object, pattern: dict[str, list[bool]]) -> None:
    """The lowest score kept and the highest one dropped differ by a good part."""
    kept, dropped = [], []
    for name, ranks in pattern.items():
        e, a, b = (allocator._element_score(name.replace("lora_E", part)) for part in ("lora_E", "lora_A", "lora_B"))
        for score, keep in zip((e.flatten() + a.mean(1) + b.mean(0)).tolist(), ranks):
            (kept if keep else dropped).append(score)
    assert min(kept) > (1 + CLEAR) * max(dropped), f"the scores {min(kept)} and {max(dropped)} are too close"


def save(name: str, model: peft.PeftModel) -> None:
    folder = DATA / "peft" / f"saved_{name}"
    model.float().save_pretrained(folder, safe_serialization=True)
    # Its model card names nothing that the other two files do not.
    (folder / "README.md").unlink()
    loaded = peft.PeftModel.from_pretrained(base(name), folder).double().eval()
    batch = classifier.tokenizer()(TEXTS, padding="longest", truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
    with torch.no_grad():
        logits = loaded(**batch).logits
        difference = (model.double().eval()(**batch).logits - logits).abs().max().item()
    assert difference < 1e-6, f"{name}: the folder gives other logits than the model saved in it: {difference}"
    write_json(f"peft/saved_{name}.json", {
        "checkpoint": checkpoint(name), "pooling": pooling(name), "max_length": MAX_LENGTH, "texts": TEXTS,
        "logits": [[float(f"{value:.10g}") for value in row] for row in logits.tolist()],
    })


def settings(name: str) -> dict:
    chosen = CONFIGS[name].to_dict()
    keys = ["r", "lora_alpha", "target_modules", "num_virtual_tokens", "init_r", "target_r", "tinit", "tfinal", "deltaT",
            "beta1", "beta2", "orth_reg_weight", "total_step"]
    if name == "adalora":
        keys.remove("r")  # LoRA's, which AdaLoRA does not read
    own = {key: chosen[key] for key in keys if chosen.get(key) is not None}
    return {key: sorted(value) if isinstance(value, set) else value for key, value in own.items()}


def write_all() -> None:
    for name in CONFIGS:
        chosen = settings(name)
        model = adapted(name)
        after = allocation(model) if name == "adalora" else None
        chosen = {"method": name.partition("_")[0], "checkpoint": checkpoint(name), "pooling": pooling(name), **chosen}
        method.run(name, model, losses(model), lambda: weights(model), chosen, after=after)
        save(name, model)
