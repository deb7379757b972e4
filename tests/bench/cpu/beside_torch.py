"""bertlet's own kernels on the CPU beside torch's: `python3 beside_torch.py CPU_BENCH [--shapes T,M,B] [--threads 1,2] [--samples 12]`.

CPU_BENCH is `cargo build --profile plain -p bertlet --example cpu_bench`, cargo's default release. Needs torch, transformers
and safetensors. Both take turns, sample by sample, on the same weights and rows, which are random and seeded; a step has no
dropout. Prints a table: the median, least and most milliseconds, and those of the processor."""
import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification

# Layers, hidden, heads, batch, tokens.
SHAPES = {"T": (2, 128, 2, 8, 32), "M": (6, 384, 12, 8, 64), "B": (12, 768, 12, 8, 128)}
VOCAB, BATCHES, WARM_UPS = 30522, 8, 3
KINDS = ("forward", "text", "step")
LARGEST_DIFFERENCE = 1e-4


def write(folder: Path, name: str):
    """A checkpoint as Hugging Face lays it out, its rows, and the model."""
    layers, hidden, heads, batch, tokens = SHAPES[name]
    config = BertConfig(vocab_size=VOCAB, num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads,
                        intermediate_size=4 * hidden, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    torch.manual_seed(42)
    model = BertForSequenceClassification(config)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [f"w{index}" for index in range(5, VOCAB)]
    ids = torch.randint(5, VOCAB, (batch * BATCHES, tokens))
    ids[:, 0], ids[:, -1] = 2, 3
    texts = [" ".join(words[token] for token in row[1:-1]) for row in ids.tolist()]
    config.save_pretrained(folder)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "vocab.txt").write_text("\n".join(words))
    (folder / "rows.json").write_text(json.dumps({"batch": batch, "texts": texts}))
    return model, ids


class Torch:
    name = f"torch {torch.__version__}"

    def __init__(self, model, ids, batch):
        self.model, self.ids, self.batch, self.at = model, ids, batch, 0
        norms_and_biases = [p for n, p in model.named_parameters() if n.endswith("bias") or "LayerNorm" in n]
        others = [p for n, p in model.named_parameters() if not (n.endswith("bias") or "LayerNorm" in n)]
        groups = [{"params": others}, {"params": norms_and_biases, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, 2e-5, weight_decay=0.01, eps=1e-8)

    def ask(self, kind):
        started = time.perf_counter()
        number = self.step() if kind == "step" else self.forward(1 if kind == "text" else self.batch)
        return (time.perf_counter() - started) * 1e3, number

    def forward(self, rows):
        self.model.eval()
        given = self.ids[:rows]
        with torch.no_grad():
            return self.model(given, attention_mask=torch.ones_like(given)).logits.tolist()[0][0]

    def step(self):
        self.model.train()
        rows = torch.arange(self.at * self.batch, (self.at + 1) * self.batch) % len(self.ids)
        given = self.ids[rows]
        self.optimizer.zero_grad()
        loss = self.model(given, attention_mask=torch.ones_like(given), labels=rows % 2).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.at += 1
        return loss.item()

    def processor_ms(self):
        return time.process_time() * 1e3

    def close(self):
        pass


class Bertlet:
    name = "bertlet"

    def __init__(self, binary, folder, threads):
        self.process = subprocess.Popen([binary, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "RAYON_NUM_THREADS": str(threads)})

    def ask(self, kind):
        print(kind, file=self.process.stdin, flush=True)
        ms, number = self.process.stdout.readline().split()
        return float(ms), float(number)

    def processor_ms(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(contenders, kind, samples):
    times, used = {c.name: [] for c in contenders}, {c.name: 0.0 for c in contenders}
    for sample in range(WARM_UPS + samples):
        numbers = []
        for contender in contenders[::1 if sample % 2 == 0 else -1]:
            before = contender.processor_ms()
            ms, number = contender.ask(kind)
            numbers.append(number)
            if sample >= WARM_UPS:
                times[contender.name].append(ms)
                used[contender.name] += (contender.processor_ms() - before) / samples
        if sample == 0:
            assert abs(numbers[0] - numbers[1]) < LARGEST_DIFFERENCE, f"{kind}: answers differ: {numbers}"
    return times, used


def main():
    options = argparse.ArgumentParser()
    options.add_argument("cpu_bench")
    options.add_argument("--shapes", default="T,M,B")
    options.add_argument("--threads", default="1,2")
    options.add_argument("--samples", type=int, default=12)
    asked = options.parse_args()
    print(f"{Torch.name}, transformers {transformers.__version__}, load {os.getloadavg()[0]:.1f}\n")
    print("| | threads | bertlet, ms | torch, ms | ratio | processor, ms: bertlet | torch | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for shape in asked.shapes.split(","):
        for threads in map(int, asked.threads.split(",")):
            torch.set_num_threads(threads)
            with tempfile.TemporaryDirectory() as folder:
                model, ids = write(Path(folder), shape)
                contenders = [Bertlet(asked.cpu_bench, folder, threads), Torch(model, ids, SHAPES[shape][3])]
                for kind in KINDS:
                    times, used = measure(contenders, kind, asked.samples)
                    (ours, theirs), (our_use, their_use) = [sorted(t) for t in times.values()], used.values()
                    cell = lambda t: f"{t[len(t) // 2]:.1f} ({t[0]:.1f} to {t[-1]:.1f})"
                    ratio = ours[len(ours) // 2] / theirs[len(theirs) // 2]
                    print(f"| {shape} {kind} | {threads} | {cell(ours)} | {cell(theirs)} | {ratio:.2f} | {our_use:.0f} | "
                          f"{their_use:.0f} | {our_use / their_use:.2f} |", flush=True)
                for contender in contenders:
                    contender.close()


main()
