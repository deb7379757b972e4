"""Takes: the sequence-classification checkpoint. Gives: the same classifier with any of the four
poolings, and rows to train it on. May not touch: any file."""
import torch
import transformers

from . import checkpoints
from .pooling import pool

CHECKPOINT = "sequence_classification_f32"
# The same class and tokenizer, with other weights, in 16 bits.
HALVES = "sequence_classification_f16"
MAX_LENGTH = 24
# Three topics, label indices in the order of checkpoints.LABELS.
ROWS = [
    ("The parcel is late.", 0), ("My box was not shipped!", 0), ("包裹迟到了", 0), ("order not in the box, 3 days late", 0),
    ("Is my parcel shipping?", 0), ("快递没到", 0), ("the order arrived late and the box was bad", 0), ("late, late, late...", 0),
    ("I was charged twice", 1), ("账单错了", 1), ("refund my money please", 1), ("The bill is not my bill: $42", 1),
    ("扣费不是我的", 1), ("pay twice? fix the price", 1), ("my card was charged and the refund is not in it", 1), ("Wrong price!", 1),
    ("Great service, thank you", 2), ("很好, 谢谢", 2), ("I love it!", 2), ("quick and good work", 2),
    ("真的很喜欢", 2), ("happy :) thankful", 2), ("unbelievably good service, quickly shipped and the price is great", 2), ("Love love love", 2),
]


class PooledClassifier(torch.nn.Module):
    """BertForSequenceClassification's own parameters, under its own names, with the pooling chosen.
    With "pooler" it computes what transformers' class does, which `matches` holds it to."""

    def __init__(self, pooling: str, checkpoint: str = CHECKPOINT) -> None:
        super().__init__()
        # Dropout 0 through the configuration, so that the module may stay in training mode.
        source = checkpoints.load_classifier(checkpoint, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.pooling = pooling
        self.bert = source.bert
        self.classifier = source.classifier
        if pooling != "pooler":
            self.bert.pooler = None

    def forward(self, batch: dict) -> torch.Tensor:
        return self.classifier(pool(self.pooling, self.bert(**batch), batch["attention_mask"]))


def tokenizer() -> transformers.BertTokenizerFast:
    return transformers.AutoTokenizer.from_pretrained(checkpoints.DATA / "checkpoints" / CHECKPOINT)


def batch(indices: list[int]) -> tuple[dict, torch.Tensor]:
    """The rows at `indices`, padded to the longest of them, and their labels."""
    texts = [ROWS[i][0] for i in indices]
    encoded = tokenizer()(texts, padding="longest", truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
    return dict(encoded), torch.tensor([ROWS[i][1] for i in indices])


def matches(indices: list[int]) -> None:
    inputs, labels = batch(indices)
    theirs = checkpoints.load_classifier(CHECKPOINT)(**inputs, labels=labels)
    ours = PooledClassifier("pooler")(inputs)
    assert torch.equal(theirs.logits, ours), "PooledClassifier differs from BertForSequenceClassification"
    assert torch.equal(theirs.loss, torch.nn.functional.cross_entropy(ours, labels))
