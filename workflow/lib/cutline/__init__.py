"""Cutline: from raw clinical records to a manuscript, at any data cut-off."""
