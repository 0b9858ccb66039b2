"""Keyed pseudonyms instead of hospital numbers."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from cutline.errors import SetupError
from cutline.tables.spec import each_distinct, packed_text

ENVIRONMENT_VARIABLE = "CUTLINE_PSEUDONYM_KEY"
KEY_FILE = Path("config/pseudonym.key")
SHORTEST_KEY = 32
DIGITS = 16
PUBLIC_KEY = b"cutline: synthetic and published data only"


@dataclass(frozen=True)
class Pseudonyms:
    """HMAC-SHA-256 of the hospital number, cut to 16 hexadecimal digits.

    Without the key nobody can go back or join the pseudonym with another extraction's. The key is never
    part of settings, records or logs.
    """

    key: bytes
    known: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, kind: str) -> Pseudonyms:
        """`public` is the fixed key of published and synthetic data; `private` is this installation's own."""
        return cls(PUBLIC_KEY if kind == "public" else _private_key())

    def replace(self, numbers: pd.Series) -> pd.Series:
        """The pseudonym of each number; missing stays missing."""
        return each_distinct(numbers, lambda distinct: distinct.map(self._of, na_action="ignore").astype(packed_text()))

    def ranked(self, numbers: pa.ChunkedArray) -> tuple[np.ndarray, pa.Array]:
        """Of each number the place of its pseudonym, and the pseudonyms in their order; missing ones have the last."""
        coded = numbers.combine_chunks().dictionary_encode()
        digits = "".join(self._of(number) for number in coded.dictionary.to_pylist())
        # As numbers, which sort as their hexadecimal digits do, and much faster.
        pseudonyms = np.frombuffer(bytes.fromhex(digits), dtype=">u8").astype(np.uint64)
        distinct, ranks = np.unique(pseudonyms, return_inverse=True)
        places = np.append(ranks, len(distinct))[coded.indices.fill_null(len(ranks)).to_numpy()]
        ordered = distinct.astype(">u8").tobytes().hex()
        names = [ordered[place : place + DIGITS] for place in range(0, len(ordered), DIGITS)]
        return places, pa.array([*names, None], pa.large_string())

    def _of(self, number: str) -> str:
        if number not in self.known:  # the same persons come in every table
            self.known[number] = hmac.digest(self.key, str(number).strip().encode(), "sha256").hex()[:DIGITS]
        return self.known[number]


def _private_key() -> bytes:
    """From the environment, or from a file made on first use that only its owner can read.

    Raises SetupError for a key too short to protect anybody.
    """
    key = os.environ.get(ENVIRONMENT_VARIABLE, "").strip().encode() or _key_of_file()
    if len(key) < SHORTEST_KEY:
        raise SetupError(
            f"the pseudonym key has {len(key)} characters, expected at least {SHORTEST_KEY}: "
            f"mend {KEY_FILE} or the environment variable {ENVIRONMENT_VARIABLE}"
        )
    return key


def _key_of_file() -> bytes:
    if not KEY_FILE.exists():
        # Written whole under another name first: a run killed here must not leave half a key.
        partial = KEY_FILE.with_suffix(f".{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
        os.replace(partial, KEY_FILE)
    return KEY_FILE.read_bytes().strip()
