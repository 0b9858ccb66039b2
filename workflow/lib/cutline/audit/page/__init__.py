"""The audit page of a cut: one HTML file that works from a double click, without a network. No pandas.

What does not depend on what is searched for is plain HTML, written by `sections`; the results are JSON in the
page, which `page.js` searches and shows. Equal cuts, ledgers and verdicts give equal bytes. Nothing about a single
patient is in it: only results, numbers of rows, digests, code and settings.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from string import Template

from cutline.audit.cut import Cut
from cutline.audit.page import sections
from cutline.audit.page.corrections import corrections
from cutline.audit.page.facts import Facts
from cutline.audit.page.results import page_data


def audit_page(cut: Cut, verdict: sections.Verdict) -> str:
    """The page as HTML. Raises ProvenanceError for records, results or filters that cannot be read."""
    facts = Facts(cut)
    script = _beside("js")
    parts = {
        "title": escape(facts.title),
        "style": _beside("css"),
        "script": script,
        "script_digest": _digest_for_browsers(script),
        "header": sections.header(facts),
        "verification": sections.verification(verdict, cut),
        "flow": sections.flow(facts),
        "corrections": corrections(facts),
        "jobs": sections.jobs(facts),
        "software": sections.software(facts),
        "ledger": sections.ledger(cut),
        "chains": sections.chains(facts),
        "data": json.dumps(page_data(facts), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    }
    return Template(_beside("html")).substitute(parts)


def _beside(ending: str) -> str:
    return Path(__file__).with_name(f"page.{ending}").read_text(encoding="utf-8")


def _digest_for_browsers(script: str) -> str:
    """What lets a browser run this script in the page and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
