"""The report: numbers looked up, sentences written from the configuration, three formats rendered."""

from cutline.manuscript.render import render_report

__all__ = ["render_report"]
