"""Thresholds from which the guards of the Cox models speak, where the study names no others."""

THRESHOLDS = {"events_per_df_warning": 10.0, "events_per_df_exploratory": 5.0, "variance_inflation": 5.0}
"""Events per degree of freedom (Peduzzi and others, J Clin Epidemiol 1995;48:1503-10, and half of it), and the variance
inflation from which collinearity is told."""
