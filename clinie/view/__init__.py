"""Something to look at: a self-contained page of a run, and the display in notebooks."""

from clinie.view.inline import to_html
from clinie.view.page import write_page

__all__ = ["to_html", "write_page"]
