"""Write envs/cutline.yaml, the conda environment, from the pins in envs/requirements.in.

python3 envs/make_conda.py; `python3 run.py lock` calls it too. conda_names.csv says what each package is called in
conda and which channel has it; channel `pip` means that it is installed by pip inside the environment.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent

HEADER = """\
# Made by envs/make_conda.py from envs/requirements.in: change the pins there.
#
# For machines where conda is the way, and for `snakemake --software-deployment-method conda`. The versions are those
# that Cutline is tested with from the hash-pinned requirements; this file itself was never resolved or run by us, so a
# pin may not exist in the channels. Quarto is here because pip has none; it is used where report.engine asks for it.
"""

UNPINNED = ("python >=3.11,<3.15", "pip", "pandoc", "quarto")
"""What a pip requirement cannot name, from conda-forge."""


class Name(NamedTuple):
    """What a package is called in conda, and where it comes from."""

    conda: str
    channel: str


def conda_names(text: str) -> dict[str, Name]:
    return {row["pypi"]: Name(row["conda"], row["channel"]) for row in csv.DictReader(text.splitlines())}


def pins(text: str) -> dict[str, str]:
    """Package and exact version, in the file's order. Raises ValueError on a line that is no exact pin."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    pairs = [line.partition("==")[::2] for line in lines if line and not line.startswith("-")]
    loose = [name for name, version in pairs if not version]
    if loose:
        raise ValueError(f"requirements without an exact version: {', '.join(loose)}")
    return dict(pairs)


def environment(versions: Mapping[str, str], names: Mapping[str, Name]) -> str:
    """The conda environment file. Raises KeyError if a pinned package has no conda name."""
    missing = [package for package in versions if package not in names]
    if missing:
        raise KeyError(f"envs/conda_names.csv says nothing of {', '.join(missing)}")
    pinned = [(names[package], version) for package, version in versions.items()]
    from_conda = [f"{name.conda} =={version}" for name, version in pinned if name.channel != "pip"]
    from_pip = [f"{name.conda}=={version}" for name, version in pinned if name.channel == "pip"]
    channels = ["conda-forge", *sorted({name.channel for name, _ in pinned} - {"conda-forge", "pip"})]
    lines = ["name: cutline", "channels:", *_items(channels, 2), "  - nodefaults"]
    lines += ["dependencies:", *_items([*UNPINNED, *from_conda], 2), "  - pip:", *_items(from_pip, 6)]
    return HEADER + "\n".join(lines) + "\n"


def _items(values: list[str] | tuple[str, ...], indent: int) -> list[str]:
    return [f"{' ' * indent}- {value}" for value in values]


def from_folder(folder: Path = FOLDER) -> str:
    """The environment file that the pins and the name map in this folder give."""
    versions = pins((folder / "requirements.in").read_text(encoding="utf-8"))
    return environment(versions, conda_names((folder / "conda_names.csv").read_text(encoding="utf-8")))


if __name__ == "__main__":
    (FOLDER / "cutline.yaml").write_text(from_folder(), encoding="utf-8", newline="\n")
