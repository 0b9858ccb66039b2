"""The partial likelihood of Cox's model, and where it is largest.

Newton's method on numpy arrays, without a loop over persons or event times. With w the weights exp(x'b), S0, S1, S2
the sums of w, wx, wxx' over a risk set and H(t) the sum of d/S0 over the event times up to t, the sum of d S2/S0 over
all risk sets is one weighted cross product of the persons, X'DX with D = w H, and the score is X'(event - D). So only
S0 and S1 are needed by event time, and both are cumulative sums of sums by block. Efron's ties change D for those who
have an event, and add two terms by event time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from cutline.cox.risk_sets import EFRON, ROWS_AT_ONCE, Flags, Floats, RiskSets, risk_sets

MAXIMUM_STEPS = 60
MAXIMUM_HALVINGS = 30
CONVERGED_DECREMENT = 1e-13
"""How far below its maximum, in units of log-likelihood, Newton's last step may begin; it converges quadratically."""
DIVERGED_STANDARD_ERROR = 50.0
"""Standard error, per standard deviation of the covariate, above which a coefficient has diverged. On the
way to infinity it grows without limit; with a single event in a group it is about 1."""
FLAT = 1e-11
"""Relative curvature of the likelihood at 0 below which it does not depend on a combination of terms."""
LIGHTEST = 1e200
"""Events by the squared weight of their risk set, relative to the heaviest person, above which numbers give out."""
ROUNDING = 1e-11
"""How much a log-likelihood may fall, relative to itself, before a step is taken for too long."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the partial likelihood is largest. Arrays are by term, in the order of the design's columns and in its
    units.

    `unidentified` terms are those on which the likelihood does not depend, alone or in a combination with others
    (constant among those at risk, or determined by other terms): NaN. `diverged` terms grow without limit (monotone
    likelihood): their coefficient is where Newton stopped, that of the others is at its maximum. `score_test` is the
    chi-square of Rao's test of all terms at 0, with `degrees_of_freedom`. `log_likelihood` is at the maximum,
    `log_likelihood_null` at 0. `solution` is where Newton stopped, per standard deviation.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    score_test: float
    degrees_of_freedom: int
    iterations: int
    converged: bool
    diverged: Flags
    unidentified: Flags
    solution: Floats
    risk_sets: RiskSets = field(repr=False)

    @property
    def standard_errors(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)), dtype=np.float64)

    @property
    def likelihood_ratio(self) -> float:
        """Chi-square of the likelihood ratio test of all terms."""
        return 2 * (self.log_likelihood - self.log_likelihood_null)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * self.degrees_of_freedom - 2 * self.log_likelihood

    def wald(self, columns: Sequence[int]) -> float:
        """Chi-square of Wald's test of some columns of the design together."""
        coefficients = self.coefficients[columns]
        return float(coefficients @ np.linalg.solve(self.covariance[np.ix_(columns, columns)], coefficients))

    def predictor(self, design: ArrayLike) -> Floats:
        """The linear predictor of persons × terms, centred as in the fit; every term counts where Newton left it."""
        sets = self.risk_sets
        return np.asarray((np.asarray(design, dtype=np.float64) - sets.center) @ (self.solution / sets.scale))


def fit(
    times: ArrayLike,
    events: ArrayLike,
    design: ArrayLike,
    ties: str = EFRON,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
) -> Fit:
    """Maximum partial likelihood estimates of a Cox model.

    `times` and `events` are by person, `design` is persons × terms without a constant; nothing may be missing. `ties`
    is efron or breslow; those censored at the time of an event are at risk for it. `strata` (any labels) have
    baseline hazards of their own. `weights` are case weights as in R's coxph, `offset` is added to the linear
    predictor. Raises ValueError for an unknown `ties`, and for data without events, which have no partial likelihood.
    Source: Cox 1972, Breslow 1974, Efron 1977.
    """
    return maximise(risk_sets(times, events, design, ties, strata, weights, offset))


def maximise(sets: RiskSets) -> Fit:
    """Newton's method from 0 with step halving, in the combinations of terms that the likelihood depends on."""
    here, at = np.zeros(len(sets.design)), likelihood_at(sets, np.zeros(len(sets.design)))
    score, information = _derivatives(sets, at)
    identified, unidentified = _identified(information)
    covariance, null, iterations = _inverse(information, identified), at.log_likelihood, 0
    decrement = score_test = float(score @ covariance @ score)
    while decrement > CONVERGED_DECREMENT and iterations < MAXIMUM_STEPS:
        there, following = _climbed(sets, here, covariance @ score, at)
        if following is at:
            break
        # So far out on the way to infinity that a risk set weighs next to nothing: what came before stands.
        if not following.twice.max() < LIGHTEST:
            break
        here, at, iterations = there, following, iterations + 1
        score, information = _derivatives(sets, at)
        covariance = _inverse(information, identified)
        decrement = float(score @ covariance @ score)
    converged = decrement <= CONVERGED_DECREMENT
    solution = here + covariance @ score if converged else here
    lost = np.where(unidentified, np.nan, 1.0) / sets.scale
    return Fit(
        coefficients=solution * lost,
        covariance=covariance * np.outer(lost, lost),
        log_likelihood_null=null,
        log_likelihood=at.log_likelihood,
        score_test=score_test,
        degrees_of_freedom=identified.shape[1],
        iterations=iterations,
        converged=converged,
        diverged=(np.sqrt(np.diag(covariance)) > DIVERGED_STANDARD_ERROR) & ~unidentified,
        unidentified=unidentified,
        solution=solution,
        risk_sets=sets,
    )


def _derivatives(sets: RiskSets, at: At) -> tuple[Floats, Floats]:
    scores, informations = derivatives(sets, at)
    return scores[0], informations[0]


def _climbed(sets: RiskSets, here: Floats, step: Floats, at: At) -> tuple[Floats, At]:
    """Where the step leads, halved until the likelihood does not fall; the same place if it always does."""
    lowest = at.log_likelihood - ROUNDING * abs(at.log_likelihood)
    for _ in range(MAXIMUM_HALVINGS):
        there = likelihood_at(sets, here + step)
        if lowest <= there.log_likelihood < np.inf:
            return here + step, there
        step = step / 2
    return here, at


def _identified(information: Floats) -> tuple[Floats, Flags]:
    """A basis (terms × combinations) of what the likelihood at 0 depends on, and the terms that lie outside.

    A combination without information at 0 is constant within each risk set, so it has none anywhere.
    """
    spread = _spread(information)
    values, vectors = np.linalg.eigh(information / np.outer(spread, spread))
    flat = values < FLAT
    directions = vectors[:, flat] / spread[:, None]
    largest = np.abs(directions).max(axis=1, initial=0.0)
    unidentified = largest > 1e-6 * largest.max(initial=0.0)
    if not flat.any():
        return np.eye(len(information)), unidentified
    return np.linalg.qr(directions, mode="complete")[0][:, int(flat.sum()) :], unidentified


def _inverse(information: Floats, identified: Floats) -> Floats:
    """The inverse of the information within the identified combinations; very large where there is hardly any."""
    inside = identified.T @ information @ identified
    spread = _spread(inside)
    values, vectors = np.linalg.eigh(inside / np.outer(spread, spread))
    smallest = np.finfo(np.float64).eps
    inverse = (vectors / np.maximum(values, smallest)) @ vectors.T / np.outer(spread, spread)
    return np.asarray(identified @ inverse @ identified.T)


def _spread(information: Floats) -> Floats:
    """What makes the diagonal of the information 1."""
    tiny = np.finfo(np.float64).tiny ** 0.5
    return np.asarray(np.sqrt(np.maximum(np.diag(information), tiny)))


# ── the likelihood at given coefficients ─────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class At:
    """The likelihood at some coefficients: the persons' weights, and sums over the events of each block.

    Let phi be the sum of weights of an event's risk set less the part `earlier` of its time's events. Row j of `once`
    is the block's sum of earlier^j / phi, of `twice` that of earlier^j / phi²; without ties to speak of there is row
    0 only.
    """

    log_likelihood: float
    weights: Floats
    once: Floats
    twice: Floats


def likelihood_at(sets: RiskSets, coefficients: Floats) -> At:
    """The log partial likelihood at coefficients of the standardised terms, and what its derivatives need."""
    predictor = coefficients @ sets.design
    if sets.offset is not None:
        predictor += sets.offset
    predictor -= predictor.max()
    of_events = predictor[sets.event_positions]
    if sets.weights is not None:
        of_events *= sets.weights[sets.event_positions]
    weights = np.exp(predictor, out=predictor)
    if sets.weights is not None:
        weights *= sets.weights
    totals = _over_risk_sets(np.add.reduceat(weights, sets.starts), sets)
    # Far out on the way to infinity a sum vanishes; the likelihood is then not finite, and the step is halved.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logarithms, once, twice = _efron(sets, weights, totals) if sets.is_efron else _breslow(sets, totals)
    return At(float(of_events.sum()) - logarithms, weights, once, twice)


def _breslow(sets: RiskSets, totals: Floats) -> tuple[float, Floats, Floats]:
    events = sets.event_weights * sets.deaths
    once = events / totals
    return float(events @ np.log(totals)), once[None], (once / totals)[None]


def _efron(sets: RiskSets, weights: Floats, totals: Floats) -> tuple[float, Floats, Floats]:
    dying = np.add.reduceat(weights[sets.event_positions], sets.event_starts)
    left = np.repeat(totals, sets.deaths) - sets.earlier * np.repeat(dying, sets.deaths)
    part = np.repeat(sets.event_weights, sets.deaths)
    logarithms = float(part @ np.log(left))
    once, twice = (np.array(list(_moments(sets, part / left**power, power + 1))) for power in (1, 2))
    return logarithms, once, twice


def _moments(sets: RiskSets, values: Floats, count: int) -> Iterator[Floats]:
    """By block the sums of the events' values, of values times `earlier`, of values times its square …"""
    for power in range(count):
        values = values * sets.earlier if power else values
        yield np.add.reduceat(values, sets.event_starts)


def _over_risk_sets(sums: Floats, sets: RiskSets) -> Floats:
    """From sums by block (last axis) those over the risk sets: this block and all later ones of its stratum."""
    totals = np.empty(sums.shape)
    for begin, end in sets.strata:
        np.cumsum(sums[..., begin:end][..., ::-1], axis=-1, out=totals[..., begin:end][..., ::-1])
    return totals


def _until_now(values: Floats, sets: RiskSets) -> Floats:
    """From values by block their sums over this block and all earlier ones of its stratum."""
    totals = np.empty(values.shape)
    for begin, end in sets.strata:
        np.cumsum(values[..., begin:end], axis=-1, out=totals[..., begin:end])
    return totals


# ── its derivatives ──────────────────────────────────────────────────────────────────────────


def derivatives(sets: RiskSets, at: At, multipliers: Floats | None = None) -> tuple[Floats, Floats]:
    """Scores (multipliers × terms) and informations (multipliers × terms × terms) of the standardised terms.

    Each block's part of score and information is multiplied by its entry in `multipliers` (multipliers × blocks)
    before they are summed; by default by 1.
    """
    factors = np.ones((1, len(sets.starts))) if multipliers is None else multipliers
    sums = first_moments(sets, at)
    informations = np.array([-_squared_means(sums, factor * at.twice) for factor in factors])
    scores = np.zeros(informations.shape[:2])
    hazards = _until_now(factors * at.once[0], sets)
    for blocks in _chunks(sets):
        persons = sets.persons(blocks)
        columns = sets.design[:, persons]
        for place, factor in enumerate(factors):
            residuals, weighted_hazards = _of_persons(sets, at, factor, hazards[place], blocks)
            scores[place] += columns @ residuals
            informations[place] += (columns * weighted_hazards) @ columns.T
    return scores, informations


def first_moments(sets: RiskSets, at: At) -> Floats:
    """By block the weighted sums of the terms over the risk set, and with Efron's ties also over its own events.

    Sums × terms × blocks.
    """
    sums = np.empty((len(at.once), len(sets.design), len(sets.starts)))
    for blocks in _chunks(sets):
        persons = sets.persons(blocks)
        sums[..., blocks] = _block_sums(sets, sets.design[:, persons] * at.weights[persons], blocks, len(sums))
    sums[0] = _over_risk_sets(sums[0], sets)
    return sums


def _chunks(sets: RiskSets) -> Iterator[slice]:
    """Successive blocks whose persons fit into the cache."""
    cuts = np.searchsorted(sets.starts, np.arange(0, sets.design.shape[1], ROWS_AT_ONCE))
    ends = np.unique(np.append(cuts, len(sets.starts))).tolist()
    return (slice(begin, end) for begin, end in pairwise(ends))


def _block_sums(sets: RiskSets, weighted: Floats, blocks: slice, count: int) -> Floats:
    """The weighted terms summed by block over all persons, and (if `count` is 2) over those with the event."""
    begin = sets.starts[blocks.start]
    everyone = np.add.reduceat(weighted, sets.starts[blocks] - begin, axis=1)
    if count == 1:
        return everyone[None]
    events = sets.events(blocks)
    dying = weighted[:, sets.event_positions[events] - begin]
    return np.array([everyone, np.add.reduceat(dying, sets.event_starts[blocks] - events.start, axis=1)])


def _of_persons(sets: RiskSets, at: At, factor: Floats, hazard: Floats, blocks: slice) -> tuple[Floats, Floats]:
    """Of each person of the blocks the martingale residual, and her weight times the cumulative hazard."""
    events = sets.events(blocks)
    positions, deaths = sets.event_positions[events], sets.deaths[blocks]
    places = positions - sets.starts[blocks.start]
    hazards = np.repeat(hazard[blocks], sets.sizes[blocks])
    if len(at.once) > 1:
        hazards[places] -= np.repeat(factor[blocks] * at.once[1, blocks], deaths)
    hazards *= at.weights[sets.persons(blocks)]
    residuals = -hazards
    counted = np.repeat(factor[blocks], deaths)
    residuals[places] += counted if sets.weights is None else counted * sets.weights[positions]
    return residuals, hazards


def _squared_means(sums: Floats, twice: Floats) -> Floats:
    """The sum over events of the mean's outer product with itself."""
    squares = (sums[0] * twice[0]) @ sums[0].T
    if len(sums) > 1:
        mixed = (sums[0] * twice[1]) @ sums[1].T
        squares += (sums[1] * twice[2]) @ sums[1].T - mixed - mixed.T
    return np.asarray(squares)
