"""The answers to queries that are laid over the snapshot, as the audit page tells of them: counts, never a patient."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from cutline.audit.page.facts import Facts
from cutline.display.captions import in_words

TITLES = {"corrected": "Values corrected", "withdrawn": "Records withdrawn"}


def corrections(facts: Facts) -> str:
    """Per table the values corrected and the records withdrawn, and the files they came in; blank without any."""
    found = facts.chains.shared["corrections"]
    if not found:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Table", *TITLES.values()))
    rows = "".join(_row(table, counts) for table, counts in found["tables"].items())
    files = "".join(f"<li>{escape(name)} <code>{sha256[:12]}</code></li>" for name, sha256 in found["files"].items())
    return (
        "<h3>Corrections laid over the snapshot</h3>\n<p>Answers to the query list, each with who gave it, when, the "
        "old value, the new one and the reason, at patient level in <code>patient/corrections.parquet</code>. The "
        "source and the snapshot say what they said.</p>\n"
        f'<div class="scroll"><table class="flow"><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n'
        f"<ul>{files}</ul>"
    )


def _row(table: str, counts: Mapping[str, int]) -> str:
    cells = "".join(f"<td>{counts.get(what, 0)}</td>" for what in TITLES)
    return f'<tr><th scope="row">{escape(in_words(table))}</th>{cells}</tr>'
