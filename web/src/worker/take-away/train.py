"""Goes on with a run of bertlet, on any number of devices. README.md, beside this file, says how.

python train.py --check | python train.py | torchrun --nproc_per_node N train.py
"""
import argparse, hashlib, json, math, os, shutil, sys, time
from contextlib import nullcontext
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn import functional
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

here = Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--check", action="store_true", help="hold 20 steps without dropout against expected.json, then end")
parser.add_argument("--tolerance", type=float, help="of --check: the largest difference of a loss (1e-5; 1e-3 after WebGPU)")
parser.add_argument("--out", type=Path, default=here / "out", help="the folder of the result, and of the state (out)")
parser.add_argument("--bf16", action="store_true", help="compute products in bfloat16")
parser.add_argument("--gradient-checkpointing", action="store_true", help="less memory, more time")
parser.add_argument("--base", help="another checkpoint, such as bert-base-uncased, with a new head")
parser.add_argument("--batch", type=int, help="rows of a step, in place of the page's")
arguments = parser.parse_args()
if arguments.check and (arguments.base or arguments.batch or arguments.bf16):
    sys.exit("train.py: --check holds the page's own run, without --base, --batch and --bf16")

read = lambda name: json.loads((here / name).read_text(encoding="utf-8"))
recipe, order, expected = read("recipe.json"), read("order.json"), read("expected.json")
for name, digest in recipe["sha256"].items():
    if hashlib.sha256((here / name).read_bytes()).hexdigest() != digest:
        sys.exit(f"train.py: {name} is not the file that the page wrote: its SHA-256 differs from recipe.json's")
arguments.tolerance = arguments.tolerance or (1e-5 if expected["device"] == "wasm" else 1e-3)
options, labels, method = recipe["options"], recipe["labels"], recipe["options"]["method"]
multi = recipe["problemType"] == "multi_label_classification"
own_base = arguments.base is None
start = recipe["step"] if own_base and not arguments.batch else 0
if arguments.batch:  # the page's order of rows, in steps of another size
    flat = [[row for step in epoch for row in step] for epoch in order]
    order = [[epoch[at : at + arguments.batch] for at in range(0, len(epoch), arguments.batch)] for epoch in flat]
steps = sum(map(len, order))
rank, world, local = (int(os.environ.get(name, one)) for name, one in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
cuda = torch.cuda.is_available()
device = torch.device("cuda", local) if cuda else torch.device("cpu")
if world > 1:
    dist.init_process_group("nccl" if cuda else "gloo")
say = print if rank == 0 else lambda *_, **__: None

def rows_of(split):
    path = here / "data" / f"{split}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line] if path.exists() else []
    for row in rows:
        names = [row["label"]] if isinstance(row["label"], str) else row["label"]
        row["target"] = [labels.index(name) for name in names] if multi else labels.index(row["label"])
    return rows

def open_model():
    checkpoint = here / "checkpoint"
    tokenizer = AutoTokenizer.from_pretrained(arguments.base or str(checkpoint))
    more = {} if own_base else {"num_labels": len(labels), "problem_type": recipe["problemType"],
                                "id2label": dict(enumerate(labels)), "label2id": {n: i for i, n in enumerate(labels)}}
    torch.manual_seed(options["seed"])  # of what another base lacks: the page's own has its head
    config = AutoConfig.from_pretrained(arguments.base or str(checkpoint), trust_remote_code=own_base, **more)
    if not own_base and getattr(config, "bertlet", {}).get("adapter_size"):
        sys.exit(f"train.py: {arguments.base} has bottlenecks, which transformers' own class would drop: take another base")
    dropout = 0.0 if arguments.check else options["dropout"]
    if dropout != "config":
        for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "seq_classif_dropout",
                     "classifier_dropout", "summary_last_dropout"):
            if hasattr(config, name):
                setattr(config, name, dropout)
    model = AutoModelForSequenceClassification.from_pretrained(
        arguments.base or str(checkpoint), config=config, trust_remote_code=own_base, ignore_mismatched_sizes=not own_base).float()
    if method in ("lora", "adalora", "prompt"):
        model = with_adapter(model)
    return model.to(device), tokenizer

def with_adapter(model):
    import peft
    config = model.config
    own, shared = options.get(method, {}), {"task_type": "SEQ_CLS"}
    if method != "prompt":
        shared |= {"lora_alpha": own["alpha"], "lora_dropout": 0.0 if arguments.check else own["dropout"],
                   "target_modules": recipe["adapter"]["target_modules"], "modules_to_save": recipe["adapter"]["modules_to_save"]}
        if not any(name.endswith(tuple(shared["target_modules"])) for name, _ in model.named_modules()):
            sys.exit(f"train.py: {arguments.base} has none of {shared['target_modules']}, which {method} needs: take a base of the page's kind")
    if method == "lora":
        adapter = peft.LoraConfig(r=own["rank"], **shared)
    elif method == "adalora":
        share = lambda ratio: int(ratio * steps + 0.5)
        adapter = peft.AdaLoraConfig(
            init_r=own["initialRank"], target_r=own["targetRank"], tinit=share(own["warmupRatio"]),
            tfinal=share(own["finalRatio"]), deltaT=own["interval"], beta1=own["beta1"], beta2=own["beta2"],
            orth_reg_weight=own["orthogonality"], total_step=steps, **shared)
    else:
        adapter = peft.PromptTuningConfig(
            num_virtual_tokens=options["virtualTokens"], num_layers=config.num_hidden_layers,
            num_attention_heads=config.num_attention_heads, token_dim=config.hidden_size, **shared)
    model = peft.get_peft_model(model, adapter)
    tensors = load_file(here / "checkpoint" / "adapter.safetensors") if own_base else {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and file_name(name) in tensors:
                parameter.copy_(tensors.pop(file_name(name)).reshape(parameter.shape))
    assert not tensors, f"peft has no place for {sorted(tensors)}"
    return model.float()

def file_name(name):
    """A parameter's name as the page's files and peft's have it."""
    if name.startswith("prompt_encoder."):
        return "prompt_embeddings"
    return name.replace(".modules_to_save.default", "").replace(".default", "")

def depth(name):
    """The distance from the top: 0 for the head, 1 for the last layer, one more than there are layers for embeddings."""
    layers = model.config.num_hidden_layers
    number = name.split(".layer.")[1].split(".")[0] if ".layer." in name else None
    below = any(part in name for part in (".embeddings.", ".embeddings_project.", ".relative_attention_bias."))
    return layers - int(number) if number else (layers + 1 if below else 0)

def choose_trained(model):
    """The trained parameters by name, and AdamW with a group for each."""
    trained, groups = {}, []
    layers, frozen = model.config.num_hidden_layers, options["freezeLayers"]
    for name, parameter in model.named_parameters():
        if method == "head":
            parameter.requires_grad_(name.startswith("classifier.") and ".dense." not in name)
        if ".ranknum" in name or (frozen > 0 and depth(name) + frozen > layers):
            parameter.requires_grad_(False)
        if parameter.requires_grad:
            plain = "bias" in name or "LayerNorm" in name or "layer_norm" in name
            trained[name] = parameter
            groups.append({"params": [parameter], "share": options["layerDecay"] ** depth(name),
                           "weight_decay": 0.0 if plain else options["weightDecay"]})
    betas = (options["adamBeta1"], options["adamBeta2"])
    return trained, torch.optim.AdamW(groups, lr=options["learningRate"], betas=betas, eps=options["adamEpsilon"])

def learning_rate(step):
    """Of a step, from 1, as torch's schedulers, which count the steps already done."""
    warmup, done = math.ceil(options["warmupRatio"] * steps), step - 1
    if done < warmup:
        return options["learningRate"] * done / warmup
    left = (steps - done) / max(1, steps - warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * (1 - left)))
    return options["learningRate"] * {"constant": 1.0, "linear": left, "cosine": cosine}[options["schedule"]]

def logits_of(rows):
    texts = [(row["text"], row["textPair"]) if "textPair" in row else row["text"] for row in rows]
    batch = tokenizer(texts, truncation=True, max_length=recipe["maxLength"], padding=True, return_tensors="pt").to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16) if arguments.bf16 else nullcontext():
        return model(**batch).logits.float()

def goals_of(rows):
    if not multi:
        return torch.tensor([row["target"] for row in rows], device=device)
    return torch.tensor([[float(at in row["target"]) for at in range(len(labels))] for row in rows], device=device)

def loss_sum(logits, rows):
    """The rows' part of a step's loss, before it is divided by the weight of all its rows."""
    smoothing = options["labelSmoothing"]
    if multi:
        goals = goals_of(rows) * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(logits, goals, weight=weights, reduction="sum")
    return functional.cross_entropy(logits, goals_of(rows), weight=weights, label_smoothing=smoothing, reduction="sum")

def weight_of(rows):
    return len(rows) * len(labels) if multi else float(sum(weights[row["target"]] for row in rows))

def step_on(batch):
    """The gradients of a step's mean loss, summed over all devices: each has its share of the rows, however uneven."""
    mine, total = batch[rank::world], weight_of(batch)
    loss = torch.zeros((), device=device)
    for at in range(0, len(mine), options["batchSize"]):
        part = loss_sum(logits_of(mine[at : at + options["batchSize"]]), mine[at : at + options["batchSize"]]) / total
        part.backward()
        loss += part.detach()
    for parameter in trained.values():
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    if world > 1:
        flat = torch.cat([parameter.grad.flatten() for parameter in trained.values()] + [loss.reshape(1)])
        dist.all_reduce(flat)
        parts = flat.split([parameter.numel() for parameter in trained.values()] + [1])
        for parameter, grad in zip(trained.values(), parts):
            parameter.grad.copy_(grad.reshape(parameter.shape))
        loss = parts[-1][0]
    if method == "adalora":  # once, since every device has the same vectors
        vectors = [p for name, p in trained.items() if ".lora_A." in name or ".lora_B." in name]
        squares = [p @ p.T if p.shape[0] < p.shape[1] else p.T @ p for p in vectors]
        norms = [torch.linalg.norm(square - torch.eye(len(square), device=device)) for square in squares]
        (options["adalora"]["orthogonality"] * torch.stack(norms).mean()).backward()
    return float(loss)

def scores(rows):
    """As the page's reports: the loss is a mean without weights; a multi-label row is right where all its labels are."""
    model.eval()
    with torch.no_grad():
        logits = torch.cat([logits_of(rows[at : at + 32]) for at in range(0, len(rows), 32)])
    goals = goals_of(rows)
    if multi:
        loss = functional.binary_cross_entropy_with_logits(logits, goals)
        said, true = (logits.sigmoid() >= threshold), goals.bool()
        accuracy = (said == true).all(1).float().mean()
    else:
        loss = functional.cross_entropy(logits, goals)
        said, true = (functional.one_hot(of, len(labels)).bool() for of in (logits.argmax(1), goals))
        accuracy = (logits.argmax(1) == goals).float().mean()
    hits, either = (said & true).sum(0), said.sum(0) + true.sum(0)
    f1 = 2 * hits / either.clamp(min=1)
    micro = 2 * hits.sum() / either.sum().clamp(min=1)
    found = {"loss": loss, "accuracy": accuracy, "microF1": micro, "macroF1": f1.mean(), "rows": len(rows)}
    return {name: float(value) for name, value in found.items()}, logits

def same_everywhere(found):
    """The first device's scores: all decide by the same numbers."""
    values = torch.tensor(list(found.values()), dtype=torch.float64, device=device)
    if world > 1:
        dist.broadcast(values, 0)
    return dict(zip(found, values.tolist()))

def best_threshold(logits, rows):
    """The one with the highest micro F1; of equals, the one nearest to 0.5."""
    found, true = logits.sigmoid().double(), goals_of(rows).bool()
    values = sorted({0.0, *found.flatten().tolist()})
    f1 = lambda at: float(2 * ((found >= at) & true).sum() / ((found >= at).sum() + true.sum()).clamp(min=1))
    middles = [0.5 if low < 0.5 <= high else (low + high) / 2 for low, high in zip(values, values[1:])]
    return min([*middles, 0.5], key=lambda at: (-f1(at), abs(at - 0.5)))

def keep_state():
    """In one file, whole or not at all."""
    tensors = {}
    for name, parameter in trained.items():
        of = optimizer.state[parameter]
        kept = {"weight": parameter, "mean": of["exp_avg"], "square": of["exp_avg_sq"]}
        tensors |= {f"{kind}.{name}": value.detach().cpu().contiguous() for kind, value in kept.items()}
    tensors |= {f"{kind}.{name}": value.cpu() for kind, of in importances().items() for name, value in of.items()}
    tensors |= {f"best.{name}": value.cpu() for name, value in best.items()}
    save_file(tensors, arguments.out / "state.new", metadata={"report": json.dumps(report), "run": run_name})
    os.replace(arguments.out / "state.new", arguments.out / "state.safetensors")

def importances():
    of = getattr(getattr(model, "base_model", None), "rankallocator", None)
    return {} if of is None else {"ipt": of.ipt, "exp_avg_ipt": of.exp_avg_ipt, "exp_avg_unc": of.exp_avg_unc}

def put_state(tensors):
    """Weights and AdamW's means, and what else a state has."""
    with torch.no_grad():
        for name, parameter in trained.items():
            if f"weight.{name}" in tensors:
                parameter.copy_(tensors[f"weight.{name}"])
            if f"mean.{name}" in tensors:
                mean, square = (tensors[f"{kind}.{name}"].reshape(parameter.shape).to(device) for kind in ("mean", "square"))
                optimizer.state[parameter] = {"step": torch.tensor(float(report["step"])), "exp_avg": mean, "exp_avg_sq": square}
    for kind, of in importances().items():
        of.update({name[len(kind) + 1 :]: value.to(device) for name, value in tensors.items() if name.startswith(kind + ".")})
    if report.get("rankPattern"):
        model.peft_config["default"].rank_pattern = report["rankPattern"]
    best.update({name[5:]: value for name, value in tensors.items() if name.startswith("best.")})

def finish():
    """The folder that the page opens: the model, or the adapter beside its base, and the report."""
    folder = arguments.out / "model"
    if own_base:
        shutil.copytree(here / "checkpoint", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("[ams]*.safetensors"))
    else:
        tokenizer.save_pretrained(folder)
    base = model.merge_and_unload() if method in ("lora", "adalora") else model
    if method == "prompt":
        metadata = {"format": "pt", "bertlet.labels": json.dumps(labels), "bertlet.pooling": recipe["pooling"] if own_base else "pooler"}
        adapter = arguments.out / "adapter"
        model.save_pretrained(adapter, safe_serialization=True)
        saved = load_file(adapter / "adapter_model.safetensors")
        save_file(saved, adapter / "adapter_model.safetensors", metadata | ({"bertlet.threshold": str(threshold)} if multi else {}))
        base = model.base_model
    state = {file_name(name): value for name, value in base.state_dict().items() if ".original_module." not in name}
    if own_base:
        with safe_open(here / "checkpoint" / "model.safetensors", "pt") as file:
            state = {name: state[name].detach().cpu().contiguous() for name in file.keys()}
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        base.save_pretrained(folder, safe_serialization=True, state_dict=state)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["bertlet"] = (config.get("bertlet", {"pooling": recipe["pooling"]}) if own_base else {}) | ({"threshold": threshold} if multi else {})
    if not own_base:  # transformers' own class was trained, whatever the base says
        config.pop("auto_map", None)
    (folder / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (arguments.out / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    say(f"train.py: the result is in {arguments.out}")

def make_steps(until):
    """The run's steps up to `until`, from where the report is; stops early by the page's own options."""
    done, kept_at, patience = 0, time.monotonic(), (recipe["selection"].get("patience") or math.inf)
    if report.get("ended"):
        return
    for epoch, batches in enumerate(order, 1):
        begun, seen = time.monotonic(), 0
        for batch in batches:
            done += 1
            if done <= report["step"] or done > until:
                continue
            torch.manual_seed(((options["seed"] * 1_000_003 + done) * world + rank) % 2**63)
            for name, part in model.named_modules():  # the method "head" reads the encoder as it answers
                part.train(method != "head" or not name.startswith(model.base_model_prefix))
            loss = step_on([train[row] for row in batch])
            most = options["maxGradNorm"] or math.inf
            norm = float(torch.nn.utils.clip_grad_norm_(trained.values(), most))
            if not math.isfinite(loss) or not math.isfinite(norm):
                sys.exit(f"train.py: step {done}: the loss or the gradient is not finite: lower the learning rate")
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(done) * group["share"]
            optimizer.step()
            if method == "adalora":
                model.base_model.update_and_allocate(done)
                report["rankPattern"] = model.peft_config["default"].rank_pattern
            optimizer.zero_grad(set_to_none=True)
            report["step"], seen = done, seen + len(batch)
            report["steps"].append({"step": done, "loss": loss, "learningRate": learning_rate(done), "gradNorm": norm})
            if rank == 0 and not arguments.check and time.monotonic() - kept_at > 300:
                keep_state()
                kept_at = time.monotonic()
        if arguments.check or done <= report["epochsEnd"] or done > until:
            continue
        made = recipe["lossSoFar"] if start and not report["epochs"] else []  # the page's steps of the epoch, if it began there
        made = made + [(step["loss"], len(batch)) for step, batch in zip(report["steps"][::-1], batches[::-1])]
        ended = {"epoch": epoch, "step": done, "trainLoss": sum(loss * rows for loss, rows in made) / sum(rows for _, rows in made),
                 "rowsPerSecond": round(seen / (time.monotonic() - begun), 1)}
        if dev:
            ended["dev"] = same_everywhere(scores(dev)[0])
            better = ended["dev"]["loss"] < min((e["dev"]["loss"] for e in report["epochs"] if "dev" in e), default=math.inf)
            if better and recipe["selection"]["restoreBest"]:
                best.update({name: parameter.detach().clone() for name, parameter in trained.items()})
            report["bestEpoch"] = epoch if better else report["bestEpoch"]
        report["epochs"].append(ended)
        report["epochsEnd"], report["ended"] = done, bool(dev) and epoch - report["bestEpoch"] >= patience
        say(f"epoch {epoch}: loss {ended['trainLoss']:.4f}, {ended['rowsPerSecond']} rows a second" + (f", dev {ended['dev']}" if dev else ""), flush=True)
        if rank == 0:
            keep_state()
        if report["ended"]:
            return

def check():
    """Every loss beside the page's, and the scores before them."""
    for split, rows in (("dev", dev), ("test", test)):
        if rows:
            found, page = scores(rows)[0]["loss"], expected["scores"][split]["loss"]
            if not abs(found - page) <= arguments.tolerance:
                sys.exit(f"train.py: {split} before the first step: the page's loss is {page}, and here it is {found}")
    make_steps(start + len(expected["steps"]))
    worst = 0.0
    for found, page in zip(report["steps"], expected["steps"]):
        off = abs(found["loss"] - page["loss"])
        worst = max(worst, off)
        if not off <= arguments.tolerance or not math.isclose(found["learningRate"], page["learningRate"], rel_tol=1e-9):
            sys.exit(f"train.py: step {found['step']} is the first that differs: the page's loss is {page['loss']} at the "
                     f"learning rate {page['learningRate']}, and here {found['loss']} at {found['learningRate']}")
    say(f"train.py: {len(expected['steps'])} steps as in the page; largest difference of a loss {worst:.1e}, {world} process(es)")

model, tokenizer = open_model()
if arguments.gradient_checkpointing:
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
weights = torch.tensor(recipe["classWeights"], dtype=torch.float32, device=device)
threshold, best = recipe.get("threshold", 0.5), {}
train, dev, test = map(rows_of, ("train", "dev", "test"))
trained, optimizer = choose_trained(model)
report = {"step": start, "epochsEnd": start, "bestEpoch": None, "steps": [], "epochs": []}
if start > 0:
    means = {kind: load_file(here / "checkpoint" / f"{kind}.safetensors") for kind in ("mean", "square")}
    put_state({f"{kind}.{name}": of[file_name(name)] for kind, of in means.items() for name in trained})
if arguments.check:
    sys.exit(check())
arguments.out.mkdir(parents=True, exist_ok=True)
run_name = hashlib.sha256((json.dumps(recipe) + str(arguments.base) + str(arguments.batch)).encode()).hexdigest()
state = arguments.out / "state.safetensors"
if state.exists():
    with safe_open(state, "pt") as file:
        metadata = file.metadata()
    if metadata["run"] != run_name:
        sys.exit(f"train.py: {state} is of another run: name another folder by --out, or delete it")
    report = json.loads(metadata["report"])
    put_state(load_file(state))
    say(f"train.py: goes on after step {report['step']} of {steps}")
if world > 1:
    found = [torch.zeros(1, device=device) for _ in range(world)]
    dist.all_gather(found, torch.full((1,), float(report["step"]), device=device))
    if len(set(map(int, found))) > 1:
        sys.exit(f"train.py: not every machine has the same {state}: copy it to each, or share the folder")
make_steps(steps)
if best:
    put_state({f"weight.{name}": value for name, value in best.items()})
if dev and recipe["selection"]["tuneThreshold"]:
    threshold = report["threshold"] = best_threshold(scores(dev)[1], dev)
if test:
    report["test"] = scores(test)[0]
    say(f"test: {report['test']}")
if rank == 0:
    finish()
if world > 1:
    dist.destroy_process_group()
