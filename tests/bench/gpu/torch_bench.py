"""The same checkpoint in torch on CUDA: `python3 torch_bench.py FOLDER [SAMPLES]`, or `--products`. Takes a folder of
checkpoints.ts, prints one JSON object: by arithmetic (f32, tf32, bf16), as gpu_bench does."""
import json
import sys
import time
from pathlib import Path

import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LOSSES = 5


def now() -> float:
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() * 1e3


def timed(samples, work):
    times = []
    for _ in range(max(samples, 1)):
        started = now()
        work()
        times.append(now() - started)
    times.sort()
    return [times[len(times) // 2], times[0], times[-1]]


def tf32(allowed: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def products():
    found = {}
    for name, allowed in (("f32", False), ("tf32", True)):
        tf32(allowed)
        rates = {}
        for n in (512, 1024, 2048, 4096):
            a, b = torch.rand(n, n, device=DEVICE), torch.rand(n, n, device=DEVICE)
            repeats = (1 << 36) // n**3 + 1 if DEVICE == "cuda" else 1
            a @ b
            started = now()
            for _ in range(repeats):
                a @ b
            rates[str(n)] = 2 * n**3 * repeats / (now() - started) / 1e6
        found[name] = rates
    return found


def checkpoint(folder: Path, samples: int):
    from safetensors.torch import load_file
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig.from_json_file(folder / "config.json")
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    weights = load_file(folder / "model.safetensors")
    about = json.loads((folder / "rows.json").read_text())
    ids = torch.tensor(about["inputIds"], device=DEVICE)
    batch = about["batch"]
    found = {}
    for name in ("f32", "tf32", "bf16"):
        tf32(name != "f32")
        if DEVICE == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        model = BertForSequenceClassification(config)
        missing, unknown = model.load_state_dict(weights, strict=False)
        # Some versions keep the positions' indices as a tensor.
        assert not unknown and all(name.endswith("position_ids") for name in missing), (missing, unknown)
        model.to(DEVICE)
        decayed = [p for n, p in model.named_parameters() if not n.endswith("bias") and "LayerNorm" not in n]
        others = [p for n, p in model.named_parameters() if n.endswith("bias") or "LayerNorm" in n]
        steps = samples + LOSSES
        rate = 2e-5  # as all that follows, bertlet's default: it falls in a line
        optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], rate,
                                      weight_decay=0.01, eps=1e-8)
        cast = torch.autocast(DEVICE, torch.bfloat16, enabled=name == "bf16")

        def forward(rows):
            with torch.no_grad(), cast:
                return model(rows, attention_mask=torch.ones_like(rows)).logits.float().cpu()

        at = 0

        def step():
            nonlocal at
            rows = torch.arange(at * batch, (at + 1) * batch) % len(ids)
            for group in optimizer.param_groups:
                group["lr"] = rate * (steps - at) / steps
            targets = (torch.arange(at * batch, (at + 1) * batch) % 2).to(DEVICE)
            optimizer.zero_grad()
            with cast:
                given = ids[rows]
                loss = model(given, attention_mask=torch.ones_like(given), labels=targets).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            at += 1
            return loss.item()

        model.eval()
        started = now()
        logits = forward(ids[:batch])
        first_forward = now() - started
        forward_ms, one_ms = timed(samples, lambda: forward(ids[:batch])), timed(samples, lambda: forward(ids[:1]))
        model.train()
        started = now()
        losses = [step()]
        first_step = now() - started
        losses += [step() for _ in range(LOSSES - 1)]
        found[name] = {
            "logits": logits.flatten().tolist(), "losses": losses, "firstForwardMs": first_forward,
            "forwardMs": forward_ms, "oneTextMs": one_ms, "firstStepMs": first_step,
            "stepMs": timed(samples, step),
        }
        if DEVICE == "cuda":
            found[name]["memoryMiB"] = torch.cuda.max_memory_reserved() // 2**20
        del model, optimizer
    return found


if sys.argv[1] == "--products":
    print(json.dumps(products()))
else:
    print(json.dumps(checkpoint(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20)))
