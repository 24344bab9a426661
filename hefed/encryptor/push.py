"""``push``: check, encrypt and upload in one, picking up where an earlier run was cut."""

from dataclasses import dataclass
from pathlib import Path

from hefed.core.errors import BatchFileInvalid
from hefed.core.words import Said
from hefed.encryptor.batchfile import BatchReader
from hefed.encryptor.client import HospitalClient, SealedStudy
from hefed.encryptor.steps import (
    Desk,
    EncryptChoices,
    TableChoices,
    await_judgement,
    check_table,
    content_name,
    encrypt_table,
    upload_batch,
)

_NOT_IN_POOL = ("quarantined", "outdated", "withdrawn")


@dataclass(frozen=True)
class Push:
    """One table on its way. The batch file stays in the local outbox until the server has all of it."""

    desk: Desk
    sealed: SealedStudy
    path: Path
    table: TableChoices
    encrypt: EncryptChoices

    def run(self, client: HospitalClient, limit_seconds: float | None) -> None:
        """Safe to repeat: the same table is one batch, whenever and however often it is pushed."""
        name = content_name(self.desk, self.sealed.study.package, self.path, self.table)
        if self._was_sent(client, name, limit_seconds):
            return
        reader = self._batch(self.desk.state.outbox(name))
        status = upload_batch(self.desk, client, reader)
        self.desk.state.keep_receipt(name, f"{status.batch} {reader.manifest.cohort_digest}")
        reader.path.unlink()
        await_judgement(self.desk, client, (status, reader.manifest.cohort_digest), limit_seconds)

    def _was_sent(self, client: HospitalClient, name: str, limit_seconds: float | None) -> bool:
        receipt = self.desk.state.receipt(name)
        if not receipt or self.table.replace:
            return False
        batch, cohort = receipt.split()
        status = client.batch(batch)
        if status.state in _NOT_IN_POOL:
            self.desk.state.drop_receipt(name)
            return False
        self.desk.screen.say(Said("encryptor.sent_before", batch=batch, state=status.state))
        self.desk.summary |= {"batch": batch}
        await_judgement(self.desk, client, (status, cohort), limit_seconds)
        return True

    def _batch(self, outbox: Path) -> BatchReader:
        if outbox.exists():
            try:
                reader = BatchReader(outbox)
                reader.verify()
            except BatchFileInvalid:
                outbox.unlink()  # a damaged disk, say: only ciphertext is lost
            else:
                self.desk.screen.say(Said("encryptor.continuing", patients=reader.manifest.patients))
                return reader
        checked = check_table(self.desk, self.sealed.study, self.path, self.table)
        return encrypt_table(self.desk, self.sealed, checked, outbox, self.encrypt)
