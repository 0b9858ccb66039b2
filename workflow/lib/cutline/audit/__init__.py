"""Questions to a finished cut: where a number comes from, whether all of it still holds, why a job would run."""
