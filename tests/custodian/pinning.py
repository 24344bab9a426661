"""A directory whose study was pinned, for tests about something else."""

from hefed.core.ckks.params import profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.pinned import study_fingerprint
from hefed.custodian.keeping.records import PinRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault
from tests.custodian.cohort import DICTIONARY_CSV


def fingerprint_of(home: Home, passphrase: str, dictionary_csv: str = DICTIONARY_CSV) -> str:
    header = open_vault(home.vault, passphrase).header
    return study_fingerprint(header.study, profile(header.profile), DataDictionary.from_csv(dictionary_csv))


def pinned(home: Home, passphrase: str, dictionary_csv: str = DICTIONARY_CSV) -> None:
    record = PinRecord(fingerprint=fingerprint_of(home, passphrase, dictionary_csv), pinned_at="2025-01-01T00:00:00Z")
    Store(home.path, open_vault(home.vault, passphrase).sealer()).pin(record)
