"""Which line each course belongs to. All persons at once: the first lines of all, then the second ones, and so on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutline.lines.courses import FOREVER, Array, Courses, Rules

NEW_LINE = "new_line"
_WIDE = 4 * FOREVER
"""Between two persons on one axis of days."""


@dataclass(frozen=True)
class Numbered:
    """The number of the line each course started in, and the courses that went on into a later line."""

    line: Array
    carried: Array
    carried_into: Array


def numbered(courses: Courses, rules: Rules) -> Numbered:
    """The line of every course, from 1 for each person."""
    line, number = np.zeros(courses.size, dtype=np.int64), 0
    unassigned = np.arange(courses.size)
    carried, into = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    while unassigned.size:
        number += 1
        opened = _Line.opened(courses, unassigned, line, rules)
        inside = courses.start[unassigned] < opened.next_start()[courses.person[unassigned]]
        line[unassigned[inside]] = number
        carried.append(opened.carried)
        into.append(np.full(len(opened.carried), number))
        unassigned = unassigned[~inside]
    return Numbered(line, np.concatenate(carried), np.concatenate(into))


@dataclass(frozen=True)
class _Line:
    """One line of every person who still has courses: those courses, and who of the drugs is of the regimen."""

    courses: Courses
    rules: Rules
    unassigned: Array
    start: Array
    """Of each person; FOREVER without courses."""
    carried: Array
    regimen: Array
    """Of each pair of person and drug, whether it is of the regimen; grows with substitutions."""

    @classmethod
    def opened(cls, courses: Courses, unassigned: Array, line: Array, rules: Rules) -> _Line:
        start = np.full(courses.person.max() + 1, FOREVER)
        person = courses.person[unassigned]
        firsts = np.flatnonzero(np.diff(person, prepend=-1))
        start[person[firsts]] = courses.start[unassigned[firsts]]
        window = unassigned[courses.start[unassigned] <= start[person] + rules["regimen_days"]]
        carried = _going_on(courses, window, line, start, rules)
        regimen = np.zeros(courses.pair.max() + 1, dtype=bool)
        regimen[courses.pair[np.concatenate([window, carried])]] = True
        return cls(courses, rules, unassigned, start, carried, regimen)

    def next_start(self) -> Array:
        """The day each person's next line starts, FOREVER if there is none."""
        courses, day = self.courses, np.full(len(self.start), FOREVER)
        late = self._resumed_late()
        while True:
            new = self.unassigned[~self.regimen[courses.pair[self.unassigned]] | late]
            firsts = new[np.flatnonzero(np.diff(courses.person[new], prepend=-1))]
            switches = self._is_switch(firsts)
            if not switches.any():
                day[courses.person[firsts]] = courses.start[firsts]
                return day
            self.regimen[courses.pair[firsts[switches]]] = True

    def _resumed_late(self) -> Array:
        """Whether a course starts more than `gap_days` after all earlier ones have ended, where that is a new line."""
        courses, mine = self.courses, self.unassigned
        if self.rules["after_gap"] != NEW_LINE:
            return np.zeros(len(mine), dtype=bool)
        person, start = courses.person[mine], courses.start[mine]
        latest = np.maximum.accumulate(person * _WIDE + courses.stop[mine]) - person * _WIDE
        before = np.concatenate([[FOREVER], latest[:-1]])
        before[np.flatnonzero(np.diff(person, prepend=-1))] = FOREVER
        before = np.maximum(before, self._latest(self.carried)[person])
        return np.asarray(start - before > self.rules["gap_days"])

    def _latest(self, some: Array) -> Array:
        """The latest stop of each person's courses among some; long ago without one."""
        latest = np.full(len(self.start), -FOREVER)
        np.maximum.at(latest, self.courses.person[some], self.courses.stop[some])
        return latest

    def _is_switch(self, firsts: Array) -> Array:
        """Whether each of these courses replaces a drug of its class: nothing else is begun within the window, and
        the replaced drug had stopped by its end, not for progression, at most `gap_days` before."""
        courses, found = self.courses, np.zeros(len(firsts), dtype=bool)
        is_new = ~self.regimen[courses.pair[firsts]]
        for switch in range(len(self.rules.get("substitutions", []))):
            asked = firsts[is_new & (courses.switch[firsts] == switch)]
            if asked.size:
                found[np.isin(firsts, asked)] = self._replaces(asked, switch)
        return found

    def _replaces(self, asked: Array, switch: int) -> Array:
        courses, day = self.courses, np.full(len(self.start), -FOREVER)
        person, window = courses.person[asked], self.rules["regimen_days"]
        day[person] = courses.start[asked]
        given = np.concatenate([self.unassigned, self.carried])
        of_class = (courses.switch[given] == switch) & (courses.start[given] < day[courses.person[given]])
        earlier = given[of_class & self.regimen[courses.pair[given]]]
        last = self._latest(earlier)
        ending = earlier[courses.stop[earlier] == last[courses.person[earlier]]]
        progressed = np.zeros(len(self.start), dtype=bool)
        progressed[courses.person[ending[courses.progressed[ending]]]] = True
        stopped = (last[person] <= courses.start[asked] + window) & (
            courses.start[asked] - last[person] <= self.rules["gap_days"]
        )
        return np.asarray(stopped & ~progressed[person] & ~self._something_else(day, switch)[person])

    def _something_else(self, day: Array, switch: int) -> Array:
        """Whether each person starts a drug of neither the regimen nor the class within the window from her day on."""
        courses, mine = self.courses, self.unassigned
        since = courses.start[mine] - day[courses.person[mine]]
        other = ~self.regimen[courses.pair[mine]] & (courses.switch[mine] != switch)
        found = np.zeros(len(self.start), dtype=bool)
        found[courses.person[mine[other & (since >= 0) & (since <= self.rules["regimen_days"])]]] = True
        return found


def _going_on(courses: Courses, window: Array, line: Array, start: Array, rules: Rules) -> Array:
    """Courses of earlier lines that go on beyond the window, unless a drug of their class is begun in it.

    One whose stop is not recorded has ended if treatment was stopped for progression since it began.
    """
    begins, limit = start[courses.person], rules["regimen_days"]
    on = (line > 0) & (begins < FOREVER) & (courses.stop > begins + limit)
    progressed = np.full(len(start), -FOREVER)
    failed = (line > 0) & courses.progressed & (courses.stop <= begins + limit)
    np.maximum.at(progressed, courses.person[failed], courses.stop[failed])
    on &= (courses.stop < FOREVER) | (progressed[courses.person] < courses.start)
    classes = len(rules.get("substitutions", []))
    replaced = np.zeros((len(start), classes + 1), dtype=bool)
    replaced[courses.person[window], courses.switch[window]] = True
    replaced[:, classes] = False  # where -1, no class, points to
    return np.flatnonzero(on & ~replaced[courses.person, courses.switch])
