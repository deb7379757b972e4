"""Takes: a PEFT folder saved by bertlet, its base checkpoint, texts and bertlet's logits for them. Gives: the largest
difference to the logits that Python's peft gets; exit status 1 above the tolerance. May not touch: the folders.

TEXTS.json is an array of strings, LOGITS.json an array of arrays, one a text. Texts are cut at the base tokenizer's
model_max_length, or at --max-length.
"""
import argparse
import json
import pathlib
import sys

import check_saved  # before transformers: it sets where that keeps its modules
import peft
import torch
import transformers
from safetensors.torch import load_file

from generator import bertlet_model


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("base", metavar="BASE", type=pathlib.Path)
    parser.add_argument("texts", metavar="TEXTS.json", type=pathlib.Path)
    parser.add_argument("logits", metavar="LOGITS.json", type=pathlib.Path)
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--pooling", choices=["pooler", "cls", "mean", "max"], default="pooler", help="for a base that does not say it")
    return parser.parse_args()


def load(options: argparse.Namespace, classes: int) -> peft.PeftModel:
    """The base may have no head yet, or one for other labels: the folder brings its own."""
    folder, base = options.folder, options.base
    if "auto_map" in json.loads((base / "config.json").read_text()):
        load_from = transformers.AutoModelForSequenceClassification.from_pretrained
        model = load_from(str(base), num_labels=classes, ignore_mismatched_sizes=True, trust_remote_code=True)
    else:
        model = bertlet_model.load(base, options.pooling, classes)
    model = peft.PeftModel.from_pretrained(model, str(folder))
    used = peft.get_peft_model_state_dict(model)
    saved = load_file(folder / "adapter_model.safetensors")
    # peft passes over names that it does not know: then the logits would be the base's, or those of a random head.
    if used.keys() != saved.keys():
        sys.exit(f"check_adapter: expected the tensors {sorted(used)}, found {sorted(saved)}")
    for name, value in saved.items():
        if not torch.equal(used[name].float(), value.float()):
            sys.exit(f"check_adapter: expected peft to take {name} as saved, found other values in the model")
    return model.float().eval()


def main() -> None:
    options = arguments()
    transformers.logging.set_verbosity_error()
    texts = json.loads(options.texts.read_text())
    saved = torch.tensor(json.loads(options.logits.read_text()), dtype=torch.float64)
    if saved.dim() != 2 or len(saved) != len(texts):
        sys.exit(f"check_adapter: expected a row of logits for each of {len(texts)} texts, found {tuple(saved.shape)}")
    model = load(options, saved.shape[1])
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(options.base))
    max_length = options.max_length or min(tokenizer.model_max_length, model.config.max_position_embeddings)
    found = []
    with torch.no_grad():
        for start in range(0, len(texts), check_saved.BATCH):
            batch = tokenizer(texts[start : start + check_saved.BATCH], padding="longest", truncation=True,
                              max_length=max_length, return_tensors="pt")
            found.append(model(**batch).logits.double())
    difference = (torch.cat(found) - saved).abs().max().item()
    kind = model.peft_config["default"].peft_type.value
    print(f"check_adapter: {kind}, {len(texts)} texts, max_length {max_length}, {saved.shape[1]} labels")
    print(f"check_adapter: max abs difference {difference:.3g} (tolerance {check_saved.TOLERANCE:g})")
    # Written so that a NaN fails too.
    if not difference <= check_saved.TOLERANCE:
        sys.exit(1)


if __name__ == "__main__":
    main()
