"""Weak supervision: votes, label models, selection by the cut statistic, students, their theory."""
