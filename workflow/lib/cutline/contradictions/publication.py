"""What the schema of publication.yaml cannot see: a value that it names and nobody printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutline.configuration import nearest


def unknown_keys(published: Sequence[Mapping[str, Any]], description: Mapping[str, Any]) -> list[str]:
    """The result keys that the description names and published.yaml does not hold, a sentence each."""
    known = [entry["key"] for entry in published if "bound" not in entry]
    faults = (f"{place}: {key} is not in published.yaml{nearest(key, known)}" for place, key in _named(description)
              if key not in known)  # fmt: skip
    return list(faults)


def _named(description: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every result key of the description with its place."""
    yield "denominator", description["denominator"]
    for number, listing in enumerate(description.get("listings", [])):
        yield f"listings.{number}.total", listing["total"]
        yield from ((f"listings.{number}.entries.{place}.n", entry["n"])
                    for place, entry in enumerate(listing["entries"]))  # fmt: skip
    for number, criterion in enumerate(description.get("criteria", [])):
        if "n" in criterion:
            yield f"criteria.{number}.n", criterion["n"]
    yield from ((f"event_times.{key}", key) for key in description.get("event_times", {}))
    for number, key in enumerate(description.get("worded_as_share_of_patients", [])):
        yield f"worded_as_share_of_patients.{number}", key
