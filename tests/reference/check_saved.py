"""Takes: a folder saved by bertlet, texts and bertlet's logits for them. Gives: the largest difference to
transformers' logits; exit status 1 above the tolerance. May not touch: the folder.

TEXTS.json is an array of strings, LOGITS.json an array of arrays, one a text. Texts are cut at the
tokenizer's model_max_length, or at --max-length.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile

# A folder with its own modeling code has it copied into a cache: a fresh one, so that no older copy is used.
modules = tempfile.TemporaryDirectory()
os.environ.update(HF_MODULES_CACHE=modules.name, HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import torch  # noqa: E402
import transformers  # noqa: E402

TOLERANCE = 1e-4
BATCH = 16


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("texts", metavar="TEXTS.json", type=pathlib.Path)
    parser.add_argument("logits", metavar="LOGITS.json", type=pathlib.Path)
    parser.add_argument("--max-length", type=int)
    return parser.parse_args()


def load(folder: pathlib.Path) -> torch.nn.Module:
    """The class a user would name; the folder's own only where config.json points to one."""
    if "auto_map" in json.loads((folder / "config.json").read_text()):
        load_from = transformers.AutoModelForSequenceClassification.from_pretrained
        model, loading = load_from(str(folder), trust_remote_code=True, output_loading_info=True)
    else:
        load_from = transformers.AutoModelForSequenceClassification.from_pretrained
        model, loading = load_from(str(folder), output_loading_info=True)
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if loading[what]:
            sys.exit(f"check_saved: expected every tensor to be used as saved, found {what}: {loading[what]}")
    return model.float().eval()


def main() -> None:
    options = arguments()
    texts = json.loads(options.texts.read_text())
    saved = torch.tensor(json.loads(options.logits.read_text()), dtype=torch.float64)
    model = load(options.folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(options.folder))
    max_length = options.max_length or min(tokenizer.model_max_length, model.config.max_position_embeddings)
    found = []
    with torch.no_grad():
        for start in range(0, len(texts), BATCH):
            batch = tokenizer(texts[start : start + BATCH], padding="longest", truncation=True,
                              max_length=max_length, return_tensors="pt")
            found.append(model(**batch).logits.double())
    logits = torch.cat(found)
    if logits.shape != saved.shape:
        sys.exit(f"check_saved: expected logits of shape {tuple(logits.shape)}, found {tuple(saved.shape)}")
    difference = (logits - saved).abs().max().item()
    labels = [model.config.id2label[i] for i in range(logits.shape[1])]
    print(f"check_saved: {type(model).__name__}, {len(texts)} texts, max_length {max_length}, labels {labels}")
    print(f"check_saved: max abs difference {difference:.3g} (tolerance {TOLERANCE:g})")
    # Written so that a NaN fails too.
    if not difference <= TOLERANCE:
        sys.exit(1)


if __name__ == "__main__":
    main()
