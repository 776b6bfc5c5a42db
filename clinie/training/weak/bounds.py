"""What the theory of weak-to-strong generalization promises of one class, and what is seen.

References
----------
Lang H, Sontag D, Vijayaraghavan A. Theoretical analysis of weak-to-strong generalization.
NeurIPS 2024 (theorems 4.1 and 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

__all__ = ["ClassCheck", "correction_bound", "coverage_bound"]


@dataclass(frozen=True, slots=True)
class ClassCheck:
    """What the theory says of one class, and what is seen.

    Parameters
    ----------
    name : str
    covered, uncovered : int
        Texts of the class with and without a label of the teacher.
    alpha : float
        Share of the covered texts on which the teacher is wrong.
    disagreement : float
        Share of the covered texts on which the student differs from the teacher.
    fragile_covered, fragile_uncovered : float
        Share of texts on which the student is not robust: it labels a neighbour otherwise.
    correction, coverage : float
        Expansion from good to bad texts, and from uncovered texts to both; nan when no set of a
        student is large enough to count, or there is nothing to reach.
    correction_bound, coverage_bound : float
        Highest error on covered and on uncovered texts; nan where the theorem does not apply.
    covered_error, uncovered_error : float
        What the student gets wrong.
    why_not : str
        Why a theorem does not apply, empty when both do.
    """

    name: str
    covered: int
    uncovered: int
    alpha: float
    disagreement: float
    fragile_covered: float
    fragile_uncovered: float
    correction: float
    coverage: float
    correction_bound: float
    coverage_bound: float
    covered_error: float
    uncovered_error: float
    why_not: str

    @property
    def holds(self) -> bool:
        """Whether every bound that applies is at least the error seen."""
        return not (
            self.correction_bound < self.covered_error or self.coverage_bound < self.uncovered_error
        )


def correction_bound(alpha: float, fragile: float, disagreement: float, c: float) -> float:
    """Return the highest error on covered texts (theorem 4.1).

    ``2α / (1 - 2α) · P(not robust) + err(student, teacher) + α (1 - 3c/2)``

    Raises
    ------
    ValueError
        If alpha is not below 1/2.
    """
    _check(alpha)
    return 2 * alpha / (1 - 2 * alpha) * fragile + disagreement + alpha * (1 - 1.5 * c)


def coverage_bound(alpha: float, fragile: float, disagreement: float, c: float, q: float) -> float:
    """Return the highest error on uncovered texts (theorem 4.2).

    ``(1 + α / (1 - 2α)) · P(not robust) + max(q, (err(student, teacher) - cα) / (c (1 - 2α)))``

    Raises
    ------
    ValueError
        If alpha is not below 1/2.
    """
    _check(alpha)
    reached = (disagreement / c - alpha) / (1 - 2 * alpha) if c > 0 else inf
    return (1 + alpha / (1 - 2 * alpha)) * fragile + max(q, reached)


def _check(alpha: float) -> None:
    if not 0 <= alpha < 0.5:
        raise ValueError("the teacher must be right on more than half of a class")
