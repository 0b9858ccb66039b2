"""The published values a calibrated draw must meet, by their result keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from cutline.errors import ConfigError
from cutline.printed import slack_of


@dataclass(frozen=True)
class Targets:
    """Printed values by result key, as text, so that the printed digits say how exact they are."""

    printed: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Targets:
        """From a study's published.yaml; what a paper only implies counts like what it prints."""
        # The base loader leaves every scalar a string: 5.70 keeps its zero.
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        return cls({entry["key"]: entry.get("implied", entry["printed"]) for entry in entries})

    def text(self, key: str) -> str:
        """The printed value. Raises ConfigError if published.yaml has none under this key."""
        if key not in self.printed:
            raise ConfigError(
                f"published.yaml: no entry with key {key}, which a calibrated simulation needs; add it, or set "
                "simulate.calibrate to false"
            )
        return self.printed[key]

    def number(self, key: str) -> float:
        return float(self.text(key))

    def count(self, key: str) -> int:
        return int(self.text(key))

    def counts(self, path: str) -> dict[str, int]:
        """The count of each level below a path: `baseline.ecog` gives {"0": 56, "1": 14}."""
        below = [key for key in self.printed if key.startswith(path + ".") and key.endswith(".n")]
        return {key.split(".")[-2]: self.count(key) for key in below if key.count(".") == path.count(".") + 2}

    def modelled(self, endpoint: str) -> list[str]:
        """The variables of the endpoint's published Cox model."""
        prefix = f"{endpoint}.cox.multivariable."
        return list(dict.fromkeys(key.split(".")[3] for key in self.printed if key.startswith(prefix)))

    def limits(self, key: str) -> tuple[float, float]:
        """The open interval of values that print as this one."""
        text = self.text(key)
        return float(text) - slack_of(text), float(text) + slack_of(text)
