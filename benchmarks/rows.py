"""Rows of figures with intervals over documents, told the same way by every benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from clinie.datasets.scoring import Score, bootstrap, f1_interval, total

__all__ = ["interval", "score_row", "share"]


def interval(low: float, high: float) -> str:
    """Return an interval as it stands behind its figure."""
    return f"[{low:.3f}, {high:.3f}]"


def score_row(name: str, scores: Sequence[Score], *, width: int, count: int = 6) -> None:
    """Print how many gold items there are, precision, recall, and F1 with its interval.

    Parameters
    ----------
    name : str
    scores : sequence of Score
        One per document.
    width, count : int
        Columns of the name, and of the number of gold items.
    """
    whole = total(scores)
    print(
        f"  {name:{width}}{whole.tp + whole.fn:>{count}}{whole.precision:>8.3f}"
        f"{whole.recall:>7.3f}{whole.f1:>7.3f}   {interval(*f1_interval(scores))}"
    )


def share(hits: Sequence[tuple[int, int]]) -> tuple[float, int, str]:
    """Return a share of (right, of) counts by document, of how many items, and its interval."""

    def ratio(sample: Sequence[tuple[int, int]]) -> float:
        return sum(right for right, _ in sample) / max(1, sum(of for _, of in sample))

    return ratio(hits), sum(of for _, of in hits), interval(*bootstrap(hits, ratio))
