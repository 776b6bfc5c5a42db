"""Documents in, records out: readers and writers.

Readers stream, and hand a bad document on as an `InputError` instead of raising it.
"""

from clinie.io.flat import COLUMNS, to_frame
from clinie.io.notes import Read
from clinie.io.reading import Sources, frame_documents, read_documents
from clinie.io.records import read_records
from clinie.io.writing import Writer, open_writer, output_format, sidecar

__all__ = [
    "COLUMNS",
    "Read",
    "Sources",
    "Writer",
    "frame_documents",
    "open_writer",
    "output_format",
    "read_documents",
    "read_records",
    "sidecar",
    "to_frame",
]
