"""Takes: numbers and texts. Gives: files under tests/reference/data with the same bytes every time.
May not touch: anything outside that folder."""
import json
import pathlib
import zlib

import numpy
import torch
from safetensors.torch import save

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def random(name: str) -> numpy.random.Generator:
    """A generator of its own for each name: adding one output never changes another. NumPy's, since
    torch's normal numbers depend on the processor's vector width."""
    return numpy.random.default_rng([20240229, zlib.crc32(name.encode())])


def write_bytes(path: str, data: bytes) -> None:
    target = DATA / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def write_tensors(path: str, tensors: dict[str, torch.Tensor]) -> None:
    """Computed values are f64 here and f32 in the file; weights keep their dtype."""
    rounded = {
        name: (tensor.float() if tensor.dtype == torch.float64 else tensor).detach().contiguous()
        for name, tensor in tensors.items()
    }
    write_bytes(path, save(rounded, metadata={"format": "pt"}))


def write_json(path: str, value: object) -> None:
    """One line for each innermost object or list, ASCII only, so that no invisible character hides in it."""
    write_bytes(path, (_layout(value, "") + "\n").encode("ascii"))


def _layout(value: object, indent: str) -> str:
    nested = isinstance(value, (dict, list)) and value
    if not nested or not any(isinstance(v, (dict, list)) for v in _children(value)) and len(json.dumps(value)) <= 110:
        return json.dumps(value)
    inner = indent + " "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(k)}: {_layout(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _layout(v, inner) for v in value) + f"\n{indent}]"


def _children(value: object) -> list:
    return list(value.values()) if isinstance(value, dict) else list(value)
