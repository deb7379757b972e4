"""Takes: a folder saved by bertlet with as: "onnx", texts and bertlet's probabilities for them. Gives: how often the best label
of Python's onnxruntime is bertlet's, and the largest difference; exit status 1 where they are too far. May not touch: the
folder.

In an environment of its own: pip install numpy onnx onnxruntime tokenizers
TEXTS.json is an array of strings, PROBABILITIES.json an array of arrays, one a text, in the order of id2label.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import tokenizers

BATCH = 16


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("texts", metavar="TEXTS.json", type=pathlib.Path)
    parser.add_argument("probabilities", metavar="PROBABILITIES.json", type=pathlib.Path)
    parser.add_argument("--agreement", type=float, help="by default 1, in 8 bits 0.98")
    parser.add_argument("--tolerance", type=float, help="by default 1e-4, in 8 bits 1")
    return parser.parse_args()


def padded(rows: list[list[int]], padding: int) -> np.ndarray:
    longest = max(len(row) for row in rows)
    return np.array([row + [padding] * (longest - len(row)) for row in rows], dtype=np.int64)


def main() -> None:
    options = arguments()
    texts = json.loads(options.texts.read_text())
    saved = np.array(json.loads(options.probabilities.read_text()))
    config = json.loads((options.folder / "config.json").read_text())
    [path] = (options.folder / "onnx").glob("*.onnx")
    onnx.checker.check_model(str(path), full_check=True)
    is_int8 = path.name == "model_quantized.onnx"
    agreement = options.agreement if options.agreement is not None else 0.98 if is_int8 else 1.0
    tolerance = options.tolerance if options.tolerance is not None else 1.0 if is_int8 else 1e-4
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    tokenizer = tokenizers.Tokenizer.from_file(str(options.folder / "tokenizer.json"))
    max_length = json.loads((options.folder / "tokenizer_config.json").read_text())["model_max_length"]
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()
    padding = config.get("pad_token_id") or 0
    logits = []
    for start in range(0, len(texts), BATCH):
        rows = tokenizer.encode_batch(texts[start : start + BATCH])
        given = {
            "input_ids": padded([row.ids for row in rows], padding),
            "attention_mask": padded([row.attention_mask for row in rows], 0),
            "token_type_ids": padded([row.type_ids for row in rows], 0),
        }
        logits.append(session.run(["logits"], {name: given[name] for name in names})[0])
    logits = np.concatenate(logits).astype(np.float64)
    if logits.shape != saved.shape:
        sys.exit(f"check_onnx: expected probabilities of shape {logits.shape}, found {saved.shape}")
    if config["problem_type"] == "multi_label_classification":
        found = 1 / (1 + np.exp(-logits))
        agree = ((found >= 0.5) == (saved >= 0.5)).all(axis=1).mean()
    else:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found = powers / powers.sum(axis=1, keepdims=True)
        agree = (found.argmax(axis=1) == saved.argmax(axis=1)).mean()
    difference = np.abs(found - saved).max()
    print(f"check_onnx: {path.name}, inputs {names}, {len(texts)} texts, max_length {max_length}: {agree:.2%} agree "
          f"(at least {agreement:.0%}), max abs difference {difference:.3g} (tolerance {tolerance:g})")
    # Written so that a NaN fails too.
    if not (agree >= agreement and difference <= tolerance):
        sys.exit(1)


if __name__ == "__main__":
    main()
