"""`cutline why`: where a number of the report comes from."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cutline.audit import git
from cutline.audit.appearances import FIGURE, TABLE, Seen, seen
from cutline.audit.chain import Chains
from cutline.audit.cut import Cut
from cutline.audit.wording import with_unit
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import columns, heading, named, say, strong, width, wrapped
from cutline.errors import ProvenanceError, ReportError
from cutline.provenance import IN_CUT

HELP = "say where a number comes from: the report, the job and its code, the patients counted, the source"
SHORT = 12
"""Letters of a digest that are shown; --json has them all."""
AROUND = 75
"""Letters of a sentence that are shown on each side of the number."""
MOST = 6
"""Places or nearest keys that are listed."""
DEPTHS = {"variables": 1}
"""How many names deep a section of the settings is spread over lines, if not two."""

Data = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "asked", nargs="+", metavar="KEY or NUMBER",
        help="a key (pfs.km.median), or a number as the report shows it: 6.6, 57.1%%, 5.59-7.61, '6.6 months'",
    )  # fmt: skip
    parser.add_argument("--code", action="store_true", help="list every code file with the commit that brought it")
    parser.add_argument(
        "--patients", action="store_true",
        help="list the patients behind the number by pseudonym, each with its source records (needs patient/)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="everything, as JSON for another program")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the chain of the result, or the results that the text may mean; returns the exit code."""
    chains = Chains(chosen_cut(arguments))
    asked = " ".join(arguments.asked)
    keys, written = meant(chains, asked)
    if len(keys) > 1:
        several = {"asked": asked, "results": [chains.of(key) for key in keys]}
        say(_as_json(several) if arguments.json else which(chains, asked, keys))
        return 0
    if not keys:
        raise ReportError(_nothing(chains, asked, written))
    chain = chains.whole(keys[0])
    if arguments.patients:
        chain = chain | {"patients": patients(chains.cut, keys[0])}
    say(_as_json(chain) if arguments.json else in_words(chain, chains.cut, arguments.code))
    return ProvenanceError.exit_code if chain["breaks"] else 0


def meant(chains: Chains, asked: str) -> tuple[list[str], list[Seen]]:
    """The keys that the question may mean, best guess first; and places where somebody wrote the text by hand.

    A key means itself. Any other text means the results whose numbers it covers in the report; if it covers
    none, those that would print as it does.
    """
    if asked in chains.cut.results:
        return [asked], []
    found = seen(chains.report, asked)
    keys = dict.fromkeys(key for place in found for key in place.keys)
    if not keys:
        printed = asked.replace("\u2212", "-")
        keys = dict.fromkeys(key for key in chains.cut.results if chains.shown(key).replace("\u2212", "-") == printed)
    return [key for key in keys if key in chains.cut.results], [place for place in found if not place.keys]


def _as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


# ── several results, or none ─────────────────────────────────────────────────────────────────


def which(chains: Chains, asked: str, keys: list[str]) -> str:
    """The results that show that text, numbered, each with where it stands, and how to go on."""
    lines = [f"{strong(asked)} can be {len(keys)} results of study {chains.cut.study}, cut {chains.cut.name}:"]
    for number, key in enumerate(keys, 1):
        shown = with_unit(chains.cut.results[key], chains.shown(key))
        lines += [
            "",
            f"{number:2}. {strong(key)} = {shown}",
            *_places(_data(chains, key), 4, 1 if len(keys) > MOST else MOST),
        ]
    return "\n".join([*lines, "", "Go on with one of them, for example:", f"    cutline why {keys[0]}"])


def _data(chains: Chains, key: str) -> list[Data]:
    return [place.as_data() for place in chains.places.get(key, ())]


def _nothing(chains: Chains, asked: str, written: list[Seen]) -> str:
    """Why there is no answer, and what to ask instead."""
    if written:
        places = "; ".join(f"{place.passage.where}: “{place.passage.text}”" for place in written[:3])
        return f"{asked!r} is no result of this study: it stands in the text or the settings of the report. {places}"
    near = nearest(asked, chains.cut.results)
    hint = f"Nearest keys: {', '.join(near)}" if near else "`cutline results` lists every key"
    return f"{asked!r} is neither a key nor a number that this report shows (cut {chains.cut.name}). {hint}"


def nearest(asked: str, keys: Iterable[str]) -> list[str]:
    """Keys that hold every part of what was asked, else those spelt alike."""
    known = list(keys)
    parts = [part for part in asked.lower().replace(" ", ".").split(".") if part]
    holding = [key for key in known if all(part in key for part in parts)]
    return sorted(holding, key=len)[:MOST] or difflib.get_close_matches(asked, known, n=MOST)


# ── the chain in words ───────────────────────────────────────────────────────────────────────


def in_words(chain: Data, cut: Cut, all_code: bool = False) -> str:
    """The chain of a result as text for a terminal."""
    parts = (
        _title(chain), _warning(chain), _where(chain), _result(chain), _persons(chain), _job(chain, cut, all_code),
        _files(chain), _snapshot(chain), _corrections(chain), _patients(chain), _how_to_go_on(chain),
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part)


def _title(chain: Data) -> Iterator[str]:
    shown = with_unit({"unit": chain["result"].get("unit", "")}, chain["shown"])
    yield strong(f"{chain['key']} = {shown}")
    yield f"study {chain['study']}, data cut-off {chain['cut']}"
    yield "─" * width()


def _warning(chain: Data) -> Iterator[str]:
    if chain["breaks"]:
        yield heading("This chain is broken: do not rely on the number")
        yield from (wrapped(sentence, 2, 4) for sentence in chain["breaks"])
        yield wrapped("`cutline verify` checks everything; deleting a file and running again makes it anew.")


def _where(chain: Data) -> Iterator[str]:
    yield heading("Where it appears")
    if not chain["places"]:
        yield "  nowhere in the report: only among the results"
    yield from _places(chain["places"], 2)


def _places(places: list[Data], indent: int, most: int = MOST) -> Iterator[str]:
    for place in places[:most]:
        yield wrapped(f"{place['where']}{_said(place)}", indent, indent + 2)
    if len(places) > most:
        yield " " * indent + f"and {len(places) - most} more (--json lists them)"


def _said(place: Data) -> str:
    """What stands there, with the number in square brackets."""
    if place["kind"] == FIGURE:
        return f" ({place['file']})"
    before, after = place.get("before", ""), place.get("after", "")
    marked = f"[{place['shown']}]"
    if place["kind"] == TABLE:
        return f" / {place.get('row', '')} / {place.get('column', '')}: {before}{marked}{after}"
    if len(before) > AROUND:
        before = "…" + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    return f": “{before}{marked}{after}”"


def _result(chain: Data) -> Iterator[str]:
    yield heading("The result")
    elsewhere = {"key", "filter", "population", "n", "n_contributing", "rule", "value"}
    row = chain["result"]
    value = [("value", f"{row['value']!r} (unrounded), shown as {chain['shown']}")] if "value" in row else []
    yield from named(
        [
            ("file", "aggregate/ard.csv"),
            *value,
            *((name, str(cell)) for name, cell in row.items() if name not in elsewhere),
        ]
    )


def _persons(chain: Data) -> Iterator[str]:
    yield heading("Who is behind it")
    persons = chain["persons"]
    counted = [
        (name, persons.get(number)) for name, number in (("denominator", "n"), ("contributing", "n_contributing"))
    ]
    pairs = [(name, ": ".join(map(str, filter(None, (_count(n), persons[name]))))) for name, n in counted]
    yield from named([*pairs, ("filter", persons.get("filter", ""))])


def _count(n: int | None) -> str:
    return "" if n is None else f"{n:,} {'patient' if n == 1 else 'patients'}"


def _job(chain: Data, cut: Cut, all_code: bool) -> Iterator[str]:
    job = chain["jobs"].get(chain["rule"])
    yield heading("How it was computed")
    if job is None:
        yield f"  by rule {chain['rule']}; its record is not here"
        return
    libraries = ", ".join(f"{name} {version}" for name, version in job["libraries"].items())
    yield from named(
        [("job", job["rule"]), ("ran", _ran(job["ran"])), ("script", job["script"]), ("libraries", libraries)]
    )
    yield "  code"
    listed = job["code"] if all_code else [file for file in job["code"] if file["own"]] or job["code"]
    unknown = "in no commit" if git.head(cut.root) else ""
    yield from columns([_code(file, cut, unknown) for file in listed], indent=4)
    if len(listed) < len(job["code"]):
        yield f"    and {len(job['code']) - len(listed)} files it uses (--code lists them)"
    yield "  settings it used" + ("" if chain["used"] else ": none")
    yield from named(
        (pair for name, part in chain["used"].items() for pair in _flat(part, name, DEPTHS.get(name, 2))), 4
    )


def _ran(ran: Data) -> str:
    """When the job last ran, and from which commit."""
    if not ran:
        return ""
    edited = " with changes that are in no commit" if ran["dirty"] else ""
    at = f", code at commit {ran['commit'][:SHORT]}{edited}" if ran["commit"] else ""
    return f"{ran['started']} for {ran['seconds']} s, in run {ran['run']} of the ledger{at}"


def _code(file: Data, cut: Cut, unknown: str) -> tuple[str, str, str]:
    """A code file with git's name of its content and the commit that brought it."""
    blob = file["blob"]
    return file["file"], f"blob {blob[:SHORT]}" if blob else "", git.commit_with(cut.root, blob) or unknown


def _flat(settings: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """Settings by their dotted names; what lies deeper than `depth` in one line."""
    if not isinstance(settings, Mapping) or not settings or not depth:
        yield name, _short(settings)
        return
    for key, value in settings.items():
        yield from _flat(value, f"{name}.{key}", depth - 1)


def _short(value: Any) -> str:
    """A setting as YAML writes it in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_short(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _files(chain: Data) -> Iterator[str]:
    yield heading("Where its data come from")
    files, stage = chain["files"], ""
    rows = [("", "file", "rows", "SHA-256", "made by")]
    for name in chain["route"]["files"]:
        file = files[name]
        begins = file["stage"] if file["stage"] != stage else ""
        stage = file["stage"]
        count = f"{file['rows']:,}" if "rows" in file else ""
        rows.append((begins, name.removeprefix(IN_CUT), count, file["sha256"][:SHORT], file["rule"]))
    yield from columns(rows, right=[2])


def _snapshot(chain: Data) -> Iterator[str]:
    yield heading("The snapshot and its source")
    snapshot = chain["snapshot"]
    if not snapshot:
        yield wrapped("The manifest is in patient/, which is not here or may not be read by you.")
        return
    told = {"source": "source", "cut-off": "data_cutoff", "known by": "known_by", "note": "note"}
    tables = ", ".join(f"{name} {count:,}" for name, count in snapshot["tables"].items())
    files = ", ".join(f"{name} {sha256[:SHORT]}" for name, sha256 in snapshot.get("source_files", {}).items())
    pairs = [(name, str(snapshot.get(field, ""))) for name, field in told.items()]
    yield from named(
        [("manifest", snapshot["file"].removeprefix(IN_CUT)), *pairs, ("files", files), ("records", tables)]
    )


def _corrections(chain: Data) -> Iterator[str]:
    """The answers to queries that are laid over the snapshot; nothing where there are none."""
    found = chain.get("corrections")
    if not found:
        return
    yield heading("Corrections laid over the snapshot")
    yield wrapped("Answers to the query list: the source and the snapshot say what they said.")
    tables = [(name, ", ".join(f"{count} {DONE[what]}" for what, count in counts.items()))
              for name, counts in found["tables"].items()]  # fmt: skip
    yield from named([*tables, *((name, sha256[:SHORT]) for name, sha256 in found["files"].items())])
    if "patients" not in chain:
        yield wrapped("Which of them are about the patients behind this number: --patients")


DONE = {"corrected": "corrected (values)", "withdrawn": "withdrawn (records)"}


def _how_to_go_on(chain: Data) -> Iterator[str]:
    if "patients" not in chain and chain["persons"].get("n_contributing") and chain["snapshot"]:
        yield ""
        yield wrapped(f"The patients and records behind it: cutline why {chain['key']} --patients", 0)


# ── patients ─────────────────────────────────────────────────────────────────────────────────


def patients(cut: Cut, key: str) -> dict[str, Any]:
    """Who is behind a result, with their source records: {denominator, contributing, records, corrections}.

    Pseudonyms; `corrections` are all that answers to queries changed in records of the denominator's patients. Raises
    SetupError where patient/ cannot be read, ProvenanceError if it does not belong to these results.
    """
    from cutline.lineage import lineage, read_corrections, read_derived, tables_needed

    row = cut.results[key]
    found = lineage(row, read_derived(cut.folder, tables_needed(row)))
    counted = [str(len(persons)) for persons in (found.denominator, found.contributing)]
    stated = [str(int(float(row[name] or 0))) for name in ("n", "n_contributing")]
    if counted != stated:
        raise ProvenanceError(
            f"cut {cut.name}: {key} counts {' and '.join(stated)} patients, patient/ has {' and '.join(counted)}: they "
            "are not of one run. `cutline verify` names the file; run again to make it anew."
        )
    dated = _plain(found.records, "source_date")
    corrections = read_corrections(cut.folder, found.denominator)
    return {"denominator": [*found.denominator], "contributing": [*found.contributing], "records": dated,
            "corrections": _plain(corrections, "answered_on")}  # fmt: skip


def _plain(table: Any, date: str) -> list[dict[str, Any]]:
    """The rows of a table as JSON has them, one column of them a day."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", date_format="iso", date_unit="s"))
    return [row | {date: (row[date] or "")[:10]} for row in rows]


def _patients(chain: Data) -> Iterator[str]:
    if "patients" not in chain:
        return
    found = chain["patients"]
    yield heading(f"Patients behind it ({len(found['contributing'])}): patient level, not to be passed on")
    by_person: dict[str, list[Data]] = {person: [] for person in found["contributing"]}
    for record in found["records"]:
        by_person[record["patient_id"]].append(record)
    for person, records in by_person.items():
        yield f"  {person}" + ("" if records else ": no record on this fact")
        yield from columns([_fact(record) for record in records], indent=6)
    if found["corrections"]:
        yield heading(f"Corrections in records of the {len(found['denominator'])} patients of the denominator")
        yield from (wrapped(_corrected(each), 2, 4) for each in found["corrections"])


def _corrected(answer: Data) -> str:
    """One correction in a sentence: where, from what to what, by whom, when and why."""
    where = " ".join(filter(None, (answer["table"], answer["record_id"], answer["column"])))
    nothing = "nothing"
    said = {"changed": f"{answer['old_value'] or nothing} → {answer['new_value']}",
            "emptied": f"{answer['old_value'] or nothing} → {nothing}",
            "withdrawn": "the record is withdrawn", "confirmed": "right as it is"}[answer["action"]]  # fmt: skip
    by = f"{answer['answered_by']} on {answer['answered_on']}"
    return (
        f"{answer['patient_id']}: {where}: {said}, by {by} ({answer['file']}, row {answer['row']}): {answer['reason']}"
    )


def _fact(record: Data) -> tuple[str, ...]:
    source = " ".join(filter(None, (record["source_table"], record["source_record_id"]))) or "no record"
    return record["what"], record["value"] or "not known", record["reason"] or "", source, record["source_date"]
