"""How the scripts of a release page name what stands in a preview (static/releases/parts.js): no number.

Names, and what the custodian can say in the language of the page (static/i18n/told.js).
"""

from collections.abc import Iterable
from typing import Any

from hefed.dictionary import DataDictionary
from hospitals.marks import HospitalMark
from hospitals.told import sentences_told
from training.models import Job
from training.selectors.pages import outcome_label
from training.selectors.results import dictionary_of


def preview_words(job: Job, marks: Iterable[HospitalMark]) -> dict[str, Any]:
    version = dictionary_of(job)
    columns = () if version is None else DataDictionary.from_csv(version.csv).columns
    return {
        "hospitals": [
            {"slug": mark.slug, "name": mark.name, "number": mark.number, "symbol": mark.symbol, "dash": mark.dash}
            for mark in marks
        ],
        "columns": {column.name: {"label": column.label, "unit": column.unit} for column in columns},
        "outcome": outcome_label(version),
        "told": sentences_told(),
    }
