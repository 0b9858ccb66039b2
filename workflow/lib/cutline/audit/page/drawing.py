"""A graph of boxes in rows, drawn as SVG: what a box needs stands above it. No pandas.

The usual steps of a layered drawing (Sugiyama, Tagawa and Toda 1981): rows by the longest way down, a narrow
stand-in in every row that a line passes, an order in each row by the mean place of the neighbours, then places.
Equal graphs give equal drawings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations, pairwise

WIDTH, HEIGHT, PASSING, GAP, BETWEEN, MARGIN = 156, 46, 10, 12, 34, 2
SWEEPS, SHIFTS = 12, 240
"""How often the order in the rows, and then the places in them, are improved."""


@dataclass(frozen=True)
class Box:
    """A box: its name, a line of facts, what kind of thing it is (a CSS class), and where a click leads."""

    name: str
    fact: str = ""
    kind: str = ""
    href: str = ""


Edges = Collection[tuple[str, str]]
Places = Mapping[str, float]


def draw(boxes: Mapping[str, Box], edges: Edges, described: str) -> str:
    """The graph as an SVG element; `described` is its name for those who cannot see it.

    Edges lead from what is needed to what needs it; those to or from an unknown box are left out. The graph must
    have no circle.
    """
    known = [(start, end) for start, end in dict.fromkeys(edges) if start in boxes and end in boxes]
    rows, paths = _with_stand_ins(_rows(boxes, known), known)
    neighbours = _neighbours(paths)
    rows = _ordered(rows, neighbours, paths)
    across = _across(rows, neighbours, boxes)
    down = {name: MARGIN + place * (HEIGHT + BETWEEN) for place, row in enumerate(rows) for name in row}
    width = max((x + _width(name, boxes) / 2 for name, x in across.items()), default=0) + MARGIN
    height = len(rows) * (HEIGHT + BETWEEN) - BETWEEN + 2 * MARGIN
    lines = "".join(_line(path, across, down) for path in paths)
    drawn = "".join(_box(box, across[name], down[name]) for name, box in boxes.items())
    size = f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"'
    return f'<svg class="graph" {size} role="group" aria-label="{escape(described)}">{lines}{drawn}</svg>'


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _rows(boxes: Iterable[str], edges: Edges) -> list[list[str]]:
    """The boxes by their row: each as far down as what needs it allows."""
    after: dict[str, list[str]] = {name: [end for start, end in edges if start == name] for name in boxes}
    height: dict[str, int] = {}

    def above_the_end(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((above_the_end(end) for end in after[name]), default=-1)
        return height[name]

    last = max(map(above_the_end, after), default=-1)
    return [[name for name in after if height[name] == last - row] for row in range(last + 1)]


def _with_stand_ins(rows: Sequence[Sequence[str]], edges: Edges) -> tuple[list[list[str]], list[list[str]]]:
    """The rows with a stand-in for every line that passes, and each line as the names it goes through."""
    row_of = {name: place for place, row in enumerate(rows) for name in row}
    filled, paths = [list(row) for row in rows], []
    for start, end in edges:
        passed = range(row_of[start] + 1, row_of[end])
        stand_ins = [f"{start} > {end} > {row}" for row in passed]
        for row, name in zip(passed, stand_ins, strict=True):
            filled[row].append(name)
        paths.append([start, *stand_ins, end])
    return filled, paths


def _neighbours(paths: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for upper, lower in (pair for path in paths for pair in pairwise(path)):
        found.setdefault(upper, []).append(lower)
        found.setdefault(lower, []).append(upper)
    return found


def _ordered(
    rows: list[list[str]], neighbours: Mapping[str, Sequence[str]], paths: Iterable[Sequence[str]]
) -> list[list[str]]:
    """Each row by the mean place of the neighbours in the rows around it, swept down and up; the sweep with the
    fewest crossings counts."""
    lines = [pair for path in paths for pair in pairwise(path)]
    place = {name: (number + 0.5) / len(row) for row in rows for number, name in enumerate(row)}
    best, fewest = rows, _crossings(rows, lines, place)
    for sweep in range(SWEEPS):
        rows = [list(row) for row in rows]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda name: _mean(neighbours.get(name, ()), place, place[name]))
            place |= {name: (number + 0.5) / len(row) for number, name in enumerate(row)}
        crossings = _crossings(rows, lines, place)
        best, fewest = (rows, crossings) if crossings < fewest else (best, fewest)
    return best


def _crossings(rows: Sequence[Sequence[str]], lines: Sequence[tuple[str, str]], place: Places) -> int:
    """How many pairs of lines between two rows cross."""
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    between: dict[int, list[tuple[float, float]]] = {}
    for upper, lower in lines:
        between.setdefault(row_of[upper], []).append((place[upper], place[lower]))
    pairs = (pair for ends in between.values() for pair in combinations(ends, 2))
    return sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for one, other in pairs)


def _mean(names: Sequence[str], of: Places, otherwise: float) -> float:
    return sum(of[name] for name in names) / len(names) if names else otherwise


# ── places ───────────────────────────────────────────────────────────────────────────────────


def _width(name: str, boxes: Mapping[str, Box]) -> int:
    return WIDTH if name in boxes else PASSING


def _across(rows: Sequence[Sequence[str]], neighbours: Mapping[str, Sequence[str]], boxes: Mapping[str, Box]) -> Places:
    """The middle of every box: near its neighbours', never over another box of its row."""
    middle = {name: place for row in rows for name, place in _spread(row, dict.fromkeys(row, 0.0), boxes).items()}
    for sweep in range(SHIFTS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = {name: _mean(neighbours.get(name, ()), middle, middle[name]) for name in row}
            middle |= _spread(row, wanted, boxes)
    left = min((x - _width(name, boxes) / 2 for name, x in middle.items()), default=0) - MARGIN
    return {name: x - left for name, x in middle.items()}


def _spread(row: Sequence[str], wanted: Places, boxes: Mapping[str, Box]) -> dict[str, float]:
    """Places in the row's order, far enough apart, on average where they were wanted."""
    places: dict[str, float] = {}
    edge = float("-inf")
    for name in row:
        half = _width(name, boxes) / 2
        places[name] = max(wanted[name], edge + half)
        edge = places[name] + half + GAP
    shift = sum(wanted[name] - places[name] for name in row) / len(row)
    return {name: place + shift for name, place in places.items()}


# ── SVG ──────────────────────────────────────────────────────────────────────────────────────


def _line(path: Sequence[str], across: Places, down: Places) -> str:
    """A line from the bottom of the first box through its stand-ins to the top of the last."""
    drawn = f"M{across[path[0]]:.1f} {down[path[0]] + HEIGHT}"
    for upper, lower in pairwise(path):
        start, end, half = down[upper] + HEIGHT, down[lower], BETWEEN / 2
        drawn += f"C{across[upper]:.1f} {start + half} {across[lower]:.1f} {end - half} {across[lower]:.1f} {end}"
        drawn += f"V{end + HEIGHT}" if lower != path[-1] else ""
    return f'<path d="{drawn}"/>'


def _box(box: Box, x: float, y: float) -> str:
    rect = f'<rect x="{x - WIDTH / 2:.1f}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4"/>'
    texts = _text(box.name, "name", x, y + (19 if box.fact else 28)) + _text(box.fact, "fact", x, y + 35)
    inside = f'<g class="box {escape(box.kind)}">{rect}{texts}</g>'
    return f'<a href="{escape(box.href)}">{inside}</a>' if box.href else inside


def _text(text: str, kind: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}">{escape(text)}</text>' if text else ""
