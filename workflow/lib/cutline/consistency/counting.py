"""Checks of counts and percentages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cutline.consistency.account import ERROR, WARNING, Account, Checked, Entry, Listing, joined, shown
from cutline.marking import noted

UNLIKE_WHOLE = noted("The parts add up to {sum}, the whole is {whole}.")
OTHER_PERCENTAGE = noted("{count}/{all} = {exact}%, and {printed}% is printed.")
REPEATED = noted("Listed more than once: {names}.")
REPEATED_OF_WHOLE = noted(
    "Listed more than once: {names}. Counted each time the entries add up to {twice}, counted once to {once}; the "
    "whole is {whole}."
)
ONE_ENTITY = noted("{names} are one entity by its code, counted apart; together they are {sum}.")


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
            meaning=UNLIKE_WHOLE.format(sum=shown(sum(counts)), whole=shown(listing.total)),
            section=listing.section,
        )


def percentages_recompute(account: Account) -> Iterator[Checked]:
    """A percentage is its count over its denominator, to the digits printed."""
    for each in account.percentages:
        exact = 100 * each.count / each.denominator
        parts = {"count": shown(each.count), "all": shown(each.denominator), "exact": f"{exact:.2f}"}
        yield Checked(
            each.key,
            each.percent.agrees(exact),
            ERROR,
            found=each.percent.text,
            expected="{count}/{all} = {exact}".format(**parts),
            meaning=OTHER_PERCENTAGE.format(printed=each.percent.text, **parts),
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
            meaning=_repeated(listing, ", ".join(f"“{name}”" for name in repeated)),
            section=listing.section,
        )


def _repeated(listing: Listing, names: str) -> str:
    """What is repeated, and what the entries add up to with and without the repetition."""
    if listing.total is None:
        return REPEATED.format(names=names)
    twice, once = (sum(entry.count for entry in entries) for entries in (listing.entries, _once(listing)))
    return REPEATED_OF_WHOLE.format(names=names, twice=shown(twice), once=shown(once), whole=shown(listing.total))


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
                meaning=ONE_ENTITY.format(
                    names=joined(f"“{entry.name}”" for entry in same), sum=shown(sum(entry.count for entry in same))
                ),
                section=listing.section,
            )


def _once(listing: Listing) -> list[Entry]:
    """The entries, each name at its first mention."""
    return list({entry.name: entry for entry in reversed(listing.entries)}.values())[::-1]
