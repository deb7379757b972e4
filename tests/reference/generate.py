"""Takes: the virtual environment made by setup.sh. Gives: everything under tests/reference/data, the same
bytes each time. May not touch: anything else. Run it through regenerate.sh."""
import shutil

import torch
import transformers

from generator import (
    checkpoints, contrastive, distillation, encoders, explanations, forward, gradients, intervals, learned, losses, masked, model_selection, offsets, own_methods, pairs,
    peft_methods, real, scores, siblings, tokenizer_kinds, tokens, training,
)
from generator.writing import DATA


def main() -> None:
    # One thread: sums are then added in one order.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    transformers.logging.set_verbosity_error()
    real.require()
    shutil.rmtree(DATA, ignore_errors=True)
    for part in (checkpoints, forward, gradients, training, tokens, tokenizer_kinds, offsets, learned, real, peft_methods, own_methods, masked, encoders, siblings, losses,
                 model_selection, pairs, scores, contrastive, intervals, distillation, explanations):
        print("generate:", part.__name__.rpartition(".")[2], flush=True)
        part.write_all()
    size = sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file())
    print(f"generate: {size:,} bytes under {DATA}")


if __name__ == "__main__":
    main()
