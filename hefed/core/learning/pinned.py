"""What a person at a key holder pins once: study, profile, dictionary with its scales, circuits and their order.

The fingerprint changes with any of them, also when a new version of this program computes another circuit.
"""

import hashlib

from hefed.core.ckks.params import Profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.table import KINDS
from hefed.core.protocol.envelope import canonical_json

FORMAT = "hefed-pin/1"


def study_fingerprint(study: str, profile: Profile, dictionary: DataDictionary) -> str:
    """SHA-256, in hex, over everything that decides what the totals of a study's requests mean."""
    columns = len(dictionary.columns)
    facts = {
        "format": FORMAT,
        "study": study,
        "profile": [profile.name, profile.ring_degree, list(profile.prime_bits), profile.scale_bits],
        "dictionary": dictionary.digest,
        "columns": [[one.name, one.kind, one.centre, one.scale] for one in dictionary.columns],
        "rounds": {name: _circuit(kind, columns) for name, kind in KINDS.items()},
    }
    return hashlib.sha256(canonical_json(facts)).hexdigest()


def _circuit(kind: RoundKind, n_columns: int) -> list[object]:
    """At which levels a kind of round computes what over which rows, which totals it opens, and what it may follow."""
    levels = sorted([degree, level] for degree, level in kind.levels.items())
    opened = kind.total_names(n_columns) if kind.payload == "totals" else []
    return [levels, kind.outcome_level, list(kind.roles), kind.payload, opened, sorted(kind.follows)]
