"""Takes: the classifiers of BERT and of the other encoders, and a few texts. Gives: data/explanations/NAME.json, the integrated
gradients of each token in torch, by numpy's Gauss-Legendre rule. May not touch: the checkpoints, which it only reads."""
import numpy
import torch

from . import classifier, encoders
from .writing import write_json

STEPS = 50
# Of the other encoders: their tests hold the embeddings, not the rule.
FEW_STEPS = 15
# The second holds a special token itself, the third is cut.
TEXTS = ["The parcel was late!", "my [SEP] order, 账单错了", "My order is late and the box is not the one I was charged for, twice, 42 days and the bill is bad"]
PAIR = ("Is my parcel shipping?", "quick and good work")


def evidence(logits: torch.Tensor, label: int, softmax: bool) -> torch.Tensor:
    """[rows]: the log-odds of the label's probability."""
    if not softmax:
        return logits[:, label]
    others = [i for i in range(logits.shape[1]) if i != label]
    return logits[:, label] - torch.logsumexp(logits[:, others], 1)


class First:
    """What the first layer reads: records it, or puts another in its place."""

    def __init__(self, base: torch.nn.Module) -> None:
        self.put = None
        getattr(base, "embeddings_project", base.embeddings).register_forward_hook(self.hook)

    def hook(self, module: torch.nn.Module, inputs: tuple, output: torch.Tensor) -> torch.Tensor | None:
        self.seen = output.detach()
        return self.put


def explain(forward, base: torch.nn.Module, encoded: dict, pad: int, label: int, softmax: bool, steps: int) -> dict:
    """`forward` takes a batch and gives logits; `encoded` is one row, with the mask of its special tokens."""
    special = encoded.pop("special_tokens_mask").bool()
    ids = encoded["input_ids"]
    # A padding token has a position of its own in RoBERTa's kind: that of the token in whose place it stands is kept.
    place = {"position_ids": pad + 1 + torch.arange(ids.shape[1])[None]} if pad == 1 else {}
    with torch.no_grad():
        base_first = First(base)
        forward({**encoded, **place})
        text = base_first.seen
        forward({**encoded, **place, "input_ids": torch.where(special, ids, torch.full_like(ids, pad))})
        blank = base_first.seen
    places, weights = (torch.from_numpy(x) for x in numpy.polynomial.legendre.leggauss(steps))
    places = torch.cat([(places + 1) / 2, torch.tensor([1.0, 0.0], dtype=torch.double)])
    base_first.put = (blank + places[:, None, None] * (text - blank)).requires_grad_()
    rows = {name: value.expand(len(places), -1) for name, value in {**encoded, **place}.items()}
    found = evidence(forward(rows), label, softmax)
    slopes = torch.autograd.grad(found.sum(), base_first.put)[0][:steps]
    mean = (slopes * (weights / 2)[:, None, None]).sum(0)
    # Rounded to what is the same on each machine.
    numbers = lambda values: [round(value, 12) for value in values.tolist()]
    return {"label": label, "softmax": softmax, "evidence": numbers(found[steps:]),
            "attributions": numbers((mean * (text - blank)[0]).sum(1))}


def cases_of(tokenize, make, pad: int, steps: int, pairs: bool) -> list[dict]:
    """`make` gives a fresh model as (forward, base), since its hook stays."""
    cases = []
    for number, text in enumerate([*TEXTS, PAIR] if pairs else TEXTS):
        both = text if isinstance(text, tuple) else (text,)
        for softmax in (True, False):
            encoded = tokenize(*both, truncation=True, max_length=classifier.MAX_LENGTH, return_special_tokens_mask=True, return_tensors="pt")
            cases.append({"texts": list(both), **explain(*make(), dict(encoded), pad, (number + softmax) % 3, softmax, steps)})
    return cases


def write_all() -> None:
    for pooling in ("pooler", "mean"):
        def make():
            model = classifier.PooledClassifier(pooling).double().eval()
            return model, model.bert
        write_json(f"explanations/{pooling}.json", {
            "checkpoint": classifier.CHECKPOINT, "max_length": classifier.MAX_LENGTH, "steps": STEPS, "pooling": pooling,
            "cases": cases_of(classifier.tokenizer(), make, 0, STEPS, pairs=True)})
    for encoder in encoders.ENCODERS:
        def make():
            model = encoders.load(encoder, "ForSequenceClassification").eval()
            return lambda batch: model(**batch).logits, model.base_model
        tokenizer = encoders.tokenizer(encoder)
        tokenizer.model_input_names = ["input_ids", "attention_mask"]
        cases = cases_of(lambda *texts, **given: tokenizer(*texts, **given), make, encoder.pad, FEW_STEPS, pairs=False)
        write_json(f"explanations/{encoder.model_type}.json", {
            "checkpoint": encoder.model_type, "max_length": classifier.MAX_LENGTH, "steps": FEW_STEPS, "pooling": "pooler", "cases": cases})
