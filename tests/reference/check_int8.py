"""Takes: a folder saved by bertlet with dtype "int8", texts and bertlet's probabilities for them. Gives: how often
transformers' best label is bertlet's, and the largest difference; exit status 1 below --agreement or above --tolerance.
May not touch: the folder.

Needs transformers 5 with compressed-tensors, in an environment of its own:
    pip install torch transformers compressed-tensors
TEXTS.json is an array of strings, PROBABILITIES.json an array of arrays, one a text, in the order of id2label.

config.json has a quantization_config of compressed-tensors, which opens without code of ours:
- "format": "int-quantized" of the whole and of the one group, whose weights are {"num_bits": 8, "type": "int",
  "symmetric": true, "strategy": "channel"}. Without the group's own format, its weights would be taken for packed words.
- "targets": "Linear", and the word embeddings by the name of their module.
- "ignore": every Linear whose weight is f32, by the name of its module: the head, bottlenecks, ELECTRA's projection.
In model.safetensors each X.weight of these is I8, with X.weight_scale in F32, [rows, 1].
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

BATCH = 16


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("texts", metavar="TEXTS.json", type=pathlib.Path)
    parser.add_argument("probabilities", metavar="PROBABILITIES.json", type=pathlib.Path)
    parser.add_argument("--agreement", type=float, default=0.98)
    # bertlet on the CPU has activations in 8 bits too; transformers has them in f32.
    parser.add_argument("--tolerance", type=float, default=0.1)
    return parser.parse_args()


def load(folder: pathlib.Path) -> torch.nn.Module:
    """The class that config.json names, its integers as they are saved."""
    own_class = "auto_map" in json.loads((folder / "config.json").read_text())
    load_from = transformers.AutoModelForSequenceClassification.from_pretrained
    model, loading = load_from(str(folder), trust_remote_code=own_class, output_loading_info=True)
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if loading[what]:
            sys.exit(f"check_int8: expected every tensor to be used as saved, found {what}: {loading[what]}")
    whole = [name for name, tensor in model.named_parameters() if tensor.dtype == torch.int8]
    if not whole:
        sys.exit("check_int8: expected weights in int8, found none")
    print(f"check_int8: {type(model).__name__}, {len(whole)} matrices in int8")
    return model.eval()


def main() -> None:
    options = arguments()
    texts = json.loads(options.texts.read_text())
    saved = torch.tensor(json.loads(options.probabilities.read_text()), dtype=torch.float64)
    model = load(options.folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(options.folder))
    max_length = min(tokenizer.model_max_length, model.config.max_position_embeddings)
    logits = []
    with torch.no_grad():
        for start in range(0, len(texts), BATCH):
            batch = tokenizer(texts[start : start + BATCH], padding="longest", truncation=True,
                              max_length=max_length, return_tensors="pt")
            logits.append(model(**batch).logits.double())
    logits = torch.cat(logits)
    if logits.shape != saved.shape:
        sys.exit(f"check_int8: expected probabilities of shape {tuple(logits.shape)}, found {tuple(saved.shape)}")
    if model.config.problem_type == "multi_label_classification":
        found = logits.sigmoid()
        agreement = ((found >= 0.5) == (saved >= 0.5)).all(1).double().mean().item()
    else:
        found = logits.softmax(1)
        agreement = (found.argmax(1) == saved.argmax(1)).double().mean().item()
    difference = (found - saved).abs().max().item()
    print(f"check_int8: {len(texts)} texts, max_length {max_length}: {agreement:.2%} agree (at least "
          f"{options.agreement:.0%}), max abs difference {difference:.3g} (tolerance {options.tolerance:g})")
    # Written so that a NaN fails too.
    if not (agreement >= options.agreement and difference <= options.tolerance):
        sys.exit(1)


if __name__ == "__main__":
    main()
