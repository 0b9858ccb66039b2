"""Checks of counts and percentages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cutline.consistency.account import ERROR, WARNING, Account, Checked, Entry, Listing, shown
from cutline.marking import noted


def counts_add_up(account: Account) -> Iterator[Checked]:
    """The entries of a listing, each name counted once, are its total."""
    for listing in account.listings:
        if listing.total is None:
            continue
        counts = [entry.count for entry in _once(listing)]
        yield Checked(
            listing.name,
            abs(sum(counts) - listing.total) < 0.5,
            ERROR,
            found=f"{' + '.join(map(shown, counts))} = {shown(sum(counts))}",
            expected=shown(listing.total),
            meaning=noted("The parts add up to {sum}, the whole is {whole}.").format(
                sum=shown(sum(counts)), whole=shown(listing.total)
            ),
            section=listing.section,
        )


def percentages_recompute(account: Account) -> Iterator[Checked]:
    """A percentage is its count over its denominator, to the digits printed."""
    for each in account.percentages:
        exact = 100 * each.count / each.denominator
        fraction = {"count": shown(each.count), "denominator": shown(each.denominator), "exact": f"{exact:.2f}"}
        yield Checked(
            each.key,
            each.percent.agrees(exact),
            ERROR,
            found=each.percent.text,
            expected="{count}/{denominator} = {exact}".format(**fraction),
            meaning=noted("{count}/{denominator} = {exact}%, and {percent}% is printed.").format(
                percent=each.percent.text, **fraction
            ),
            section=each.section,
        )


def category_listed_once(account: Account) -> Iterator[Checked]:
    """No entry of a listing is named twice: then one mention is a repetition, or the other a mistake."""
    for listing in account.listings:
        repeated = [name for name, times in Counter(entry.name for entry in listing.entries).items() if times > 1]
        yield Checked(
            listing.name,
            not repeated,
            WARNING,
            found=", ".join(repeated),
            expected="each category once",
            meaning=_listed_twice(listing, ", ".join(f"“{name}”" for name in repeated)),
            section=listing.section,
        )


def _listed_twice(listing: Listing, names: str) -> str:
    """Which entries are repeated, and what all add up to with and without the repetition."""
    if listing.total is None:
        return noted("Listed more than once: {names}.").format(names=names)
    twice, once = (shown(sum(entry.count for entry in entries)) for entries in (listing.entries, _once(listing)))
    return noted(
        "Listed more than once: {names}. Counted each time the entries add up to {twice}, counted once to {once}; the "
        "whole is {whole}."
    ).format(names=names, twice=twice, once=once, whole=shown(listing.total))


def categories_distinct(account: Account) -> Iterator[Checked]:
    """No two entries of a listing are one entity by the classification that the description names."""
    for listing in account.listings:
        times = Counter(entry.entity for entry in _once(listing) if entry.entity)
        same = [entry for entry in _once(listing) if times[entry.entity] > 1]
        if times:
            yield Checked(
                listing.name,
                not same,
                WARNING,
                found=", ".join(f"{entry.name}: {entry.entity}" for entry in same),
                expected="one category for each entity",
                meaning=noted("{names} are one entity by its code, counted apart; together they are {sum}.").format(
                    names=" and ".join(f"“{entry.name}”" for entry in same), sum=shown(sum(e.count for e in same))
                ),
                section=listing.section,
            )


def _once(listing: Listing) -> list[Entry]:
    """The entries, each name at its first mention."""
    return list({entry.name: entry for entry in reversed(listing.entries)}.values())[::-1]
