"""Something to look at: a self-contained page of a run, and the display in notebooks."""

from clinie.view.inline import to_html
from clinie.view.page import write_page
from clinie.view.report import write_report

__all__ = ["to_html", "write_page", "write_report"]
