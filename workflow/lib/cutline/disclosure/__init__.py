"""The disclosure profile: the only door by which results leave the study's own folder (docs/disclosure.md)."""
