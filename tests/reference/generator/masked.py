"""Takes: the two checkpoints with a masked-LM head. Gives: data/mlm: loss, logits and gradients on one batch, 20
training steps, and the five likeliest tokens for 50 sentences with a [MASK]. May not touch: the checkpoints."""
import numpy
import torch
import transformers

from . import classifier, gradients, method, training
from .writing import DATA, random, write_json, write_tensors

CHECKPOINTS = ["masked_lm_bf16", "pretraining_f32"]
PROBABILITY = 0.3  # twice BERT's, since the texts are short
SENTENCES = 50
TOP = 5
IGNORED = -100
# Two scores nearer than this, relatively, could change places in f32.
CLEAR = 2e-3


def load(name: str) -> transformers.BertForMaskedLM:
    """With the decoder tied to the word embeddings; the pooler and the next-sentence head of "pretraining_f32" are left out."""
    folder = DATA / "checkpoints" / name
    return transformers.BertForMaskedLM.from_pretrained(
        folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    ).double()


def tokenizer(name: str) -> transformers.BertTokenizerFast:
    return transformers.AutoTokenizer.from_pretrained(DATA / "checkpoints" / name)


def masked(tokens: object, text: str, numbers: numpy.random.Generator) -> dict:
    """One row, unpadded: of its tokens but [CLS] and [SEP] some are to be guessed, at least one; of these 80% are
    [MASK], 10% another token and 10% as they were."""
    ids = tokens(text, truncation=True, max_length=classifier.MAX_LENGTH)["input_ids"]
    places = range(1, len(ids) - 1)
    chosen = [i for i in places if numbers.random() < PROBABILITY] or [int(numbers.choice(places))]
    row = {"input_ids": list(ids), "labels": [ids[i] if i in chosen else IGNORED for i in range(len(ids))]}
    for i in chosen:
        kind = numbers.random()
        other = int(numbers.integers(len(tokens)))
        if kind < 0.9:
            row["input_ids"][i] = tokens.mask_token_id if kind < 0.8 else other
    return row


def padded(tokens: object, rows: list[dict]) -> tuple[dict, torch.Tensor]:
    length = max(len(row["input_ids"]) for row in rows)
    fill = lambda key, value: torch.tensor([row[key] + [value] * (length - len(row[key])) for row in rows])
    ids = fill("input_ids", tokens.pad_token_id)
    mask = torch.tensor([[int(i < len(row["input_ids"])) for i in range(length)] for row in rows])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}, fill("labels", IGNORED)


def write_batch(name: str, rows: list[dict]) -> None:
    model = load(name).train()
    inputs, labels = padded(tokenizer(name), rows)
    output = model(**inputs, labels=labels)
    output.loss.backward()
    positions = (labels != IGNORED).nonzero()
    tensors = {
        **inputs, "labels": labels, "positions": positions, "loss": output.loss.reshape(1),
        "logits": output.logits[positions[:, 0], positions[:, 1]],
    }
    for parameter_name, parameter in model.named_parameters():
        small = parameter.grad.abs() < gradients.NOISE
        tensors[f"grad.{parameter_name}"] = parameter.grad.masked_fill(small, 0.0)
    write_tensors(f"masked_lm/{name}.safetensors", tensors)


def write_run(name: str, batches: list[list[dict]]) -> None:
    model = load(name).train()
    settings = {**method.RECIPE, "checkpoint": name}
    del settings["pooling"]
    tokens = tokenizer(name)

    def loss_of(rows: list[dict]) -> tuple[torch.Tensor, dict]:
        inputs, labels = padded(tokens, rows)
        return model(**inputs, labels=labels).loss, {}

    records = method.descend(model, batches, loss_of)
    write_json(f"masked_lm/{name}.json", {"recipe": settings, "steps": records})


def sentences() -> list[str]:
    """The rows with one word, or one Chinese character, behind a [MASK]; more than are wanted."""
    made = []
    for text, _ in classifier.ROWS:
        words = text.split(" ")
        for i in range(len(words) if len(words) > 2 else 0):
            made.append(" ".join([*words[:i], "[MASK]", *words[i + 1 :]]))
        for i, letter in enumerate(text):
            if "\u4e00" <= letter <= "\u9fff":
                made.append(text[:i] + "[MASK]" + text[i + 1 :])
    return [made[i] for i in random("mlm sentences").permutation(len(made))]


def write_fill(name: str) -> None:
    model = load(name).eval()
    tokens = tokenizer(name)
    pipeline = transformers.FillMaskPipeline(load(name).float().eval(), tokens, top_k=TOP)
    records = []
    for text in sentences():
        inputs = tokens(text, return_tensors="pt")
        with torch.no_grad():
            logits = model(**inputs).logits[0, inputs["input_ids"][0].tolist().index(tokens.mask_token_id)]
        scores, ids = logits.softmax(0).topk(TOP + 1)
        if (scores[:-1] < (1 + CLEAR) * scores[1:]).any():
            continue
        assert [guess["token"] for guess in pipeline(text)] == ids[:TOP].tolist(), text
        top = [{"token": i, "token_str": tokens.decode([i]), "score": float(f"{s:.10g}")}
               for i, s in zip(ids[:TOP].tolist(), scores.tolist())]
        records.append({"text": text, "top": top})
        if len(records) == SENTENCES:
            break
    assert len(records) == SENTENCES
    write_json(f"masked_lm/{name}_fill.json", {"checkpoint": name, "sentences": records})


def write_all() -> None:
    tokens = tokenizer(CHECKPOINTS[0])
    numbers = random("mlm masks")
    batch = [masked(tokens, classifier.ROWS[i][0], numbers) for i in gradients.INDICES]
    batches = [[masked(tokens, classifier.ROWS[i][0], numbers) for i in rows] for rows in training.batches()[: method.STEPS]]
    write_json("masked_lm/batches.json", batches)
    for name in CHECKPOINTS:
        assert tokenizer(name).get_vocab() == tokens.get_vocab()
        write_batch(name, batch)
        write_run(name, batches)
        write_fill(name)
