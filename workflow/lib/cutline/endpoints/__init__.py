"""Times to event as data: ordered event and censoring sources, whole days, and why each person ended.

Each person starts at the index date, or at another day that the endpoint names. Of the event sources the earliest
record on or after it counts (only after it, where the source says `after_start`), on one day the source listed first.
Without an event the first censoring source that has a record on or after the start ends the time, and as a last resort
the start itself: nobody is lost, nobody gets a negative time. An endpoint with a named rule set is censored by the
conventions of `cutline.endpoints.conventions` instead.
"""
