"""Envelopes that workers write: scores of a large study do not fit in memory."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings

from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label, Written

IN_MEMORY_BYTES = 64 * 1024**2


def write_envelope(path: Path, label: Label, items: Iterable[bytes], meta: dict[str, Any]) -> Written:
    """One envelope into a file. Its items wait in memory up to IN_MEMORY_BYTES, beyond it on the upload disk."""
    disk = str(settings.HEFED_UPLOAD_DIR)
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=disk) as spool, path.open("wb") as stream:
        return envelope.write(stream, label, items, meta, cast(BinaryIO, spool))
