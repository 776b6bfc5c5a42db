"""Batch runs: documents through a cascade into a file, streamed, listed, resumable."""

from clinie.runs.batch import Summary, run
from clinie.runs.extract import BatchJob, dry_run
from clinie.runs.stream import Extractor, Outcome, stream

__all__ = ["BatchJob", "Extractor", "Outcome", "Summary", "dry_run", "run", "stream"]
