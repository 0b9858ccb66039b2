"""Variables of receptor status, from the samples of pathology."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds
from cutline.receptors import counted_samples, dated_samples, samples_that_differ


def receptor(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The status of one receptor from the samples of the day that counts; what they leave open is asked."""
    samples, anchor = dated_samples(facts.records, variable), facts.anchor(variable)
    chosen = counted_samples(samples, variable, anchor)
    unknown_anchor = anchor.isna() if anchor is not None else pd.Series(False, index=facts.persons)
    sampled = pd.Series(facts.persons.isin(samples["patient_id"]), index=facts.persons)
    cases = [(unknown_anchor, f"{variable.get('anchor')} is unknown"), (sampled, "no sample with a result")]
    absent = first_that_holds(facts.persons, cases, "no sample")
    reason = chosen["reason"].reindex(facts.persons).combine_first(absent)
    for kind, rows in chosen[chosen["query"].notna()].groupby("query"):
        facts.ask(str(kind), rows, rows["reason"])
    other = samples_that_differ(samples, chosen)
    facts.ask("receptor_differs", other, other["question"])
    return fact_of(facts.persons, reason, value=chosen["status"], source=chosen)
