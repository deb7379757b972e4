"""Takes: folders that `takeAway` packed, each with what to do there. Gives: a line of JSON for each: its exit status and message.
May not touch: anything but the folders. A process, or each of several with torchrun's variables, imports torch once for all of them.

JOBS.json is a list of {"folder", "arguments", "fault"}; "fault" is a pair of texts, the first of which is replaced in train.py.
"""
import contextlib
import datetime
import io
import json
import os
import pathlib
import sys
import tempfile

modules = tempfile.TemporaryDirectory()
os.environ.update(HF_MODULES_CACHE=modules.name, HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", CUDA_VISIBLE_DEVICES="")

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402

torch.set_num_threads(1)
# Each script opens and closes its group: here they share one.
if int(os.environ.get("WORLD_SIZE", 1)) > 1:
    dist.init_process_group("gloo", timeout=datetime.timedelta(seconds=60))
    dist.init_process_group = dist.destroy_process_group = lambda *_: None


def run(job: dict) -> dict:
    script = pathlib.Path(job["folder"]) / "train.py"
    text = script.read_text()
    if job.get("fault"):
        old, new = job["fault"]
        assert text.count(old) == 1, f"expected {old!r} once in train.py"
        text = text.replace(old, new)
    sys.argv = [str(script), *job["arguments"]]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            exec(compile(text, str(script), "exec"), {"__name__": "__main__", "__file__": str(script)})
            status = 0
        except SystemExit as end:
            status = 0 if end.code is None else 1
            said.write("" if end.code is None else str(end.code))
    return {"status": status, "message": said.getvalue()}


if __name__ == "__main__":
    found = [run(job) for job in json.loads(pathlib.Path(sys.argv[1]).read_text())]
    if int(os.environ.get("RANK", 0)) == 0:
        for one in found:
            print(json.dumps(one))
