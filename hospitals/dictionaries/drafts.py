"""A dictionary that people still work on, as text."""

import csv
import io
from collections.abc import Sequence

from hefed.core.dictionary.variables import HEADER, Cells


def draft_csv(rows: Sequence[Cells]) -> str:
    """The rows as a ``dictionary.csv``, checked by nobody."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
