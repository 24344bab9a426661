"""The documented exit codes (docs/encryptor.md): a script can tell what to do next without reading the text."""

from enum import IntEnum

from hefed.errors import (
    BadInput,
    BatchFileInvalid,
    BatchQuarantined,
    CiphertextInvalid,
    Conflict,
    DictionaryInvalid,
    EnvelopeInvalid,
    HEFedError,
    KeyInvalid,
    RemoteFailed,
    RowsInvalid,
    WrongKey,
)


class ExitCode(IntEnum):
    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    TABLE_REFUSED = 3
    STUDY_OR_KEY = 4
    SERVER = 5
    QUARANTINED = 6
    BATCH_FILE = 7
    CONFLICT = 8


_CODES: tuple[tuple[type[HEFedError], ExitCode], ...] = (
    (RowsInvalid, ExitCode.TABLE_REFUSED),
    (DictionaryInvalid, ExitCode.STUDY_OR_KEY),
    (WrongKey, ExitCode.STUDY_OR_KEY),
    (KeyInvalid, ExitCode.STUDY_OR_KEY),
    (EnvelopeInvalid, ExitCode.STUDY_OR_KEY),
    (CiphertextInvalid, ExitCode.STUDY_OR_KEY),
    (BatchQuarantined, ExitCode.QUARANTINED),
    (BatchFileInvalid, ExitCode.BATCH_FILE),
    (Conflict, ExitCode.CONFLICT),
    (RemoteFailed, ExitCode.SERVER),
    (BadInput, ExitCode.USAGE),
)


def code_of(error: HEFedError) -> ExitCode:
    """The first class in the table that the error is; anything else is unexpected."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.UNEXPECTED)
