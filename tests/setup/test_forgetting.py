"""A rotation forgets the old batches for good: an answer that was still kept does not bring one back at the restart."""

from pathlib import Path

from hefed.core.protocol import envelope
from hefed.core.protocol.requests import RotationEffect
from hefed.core.protocol.uploads import KeyInfo
from hefed.custodian.client import CustodianClient, KeyName
from hefed.custodian.commands.rotation import rotate
from hefed.custodian.commands.work import create_home
from hefed.custodian.keeping.records import AnswerRecord, BatchRecord
from hefed.custodian.keeping.store import Home, Store, StoredAnswer
from hefed.custodian.keeping.vault import open_vault
from tests.custodian.people import keep, sealed_record
from tests.server.cohort import PROFILE

PASSPHRASE = "correct horse battery staple"


class Taking(CustodianClient):
    """A server that takes every key."""

    in_use = ""

    def put_key(self, name: KeyName, envelope_path: Path) -> KeyInfo:
        with envelope_path.open("rb") as stream:
            header = envelope.read_header(stream)
        self.in_use = header.key_fingerprint or header.payload_sha256
        return KeyInfo(fingerprint=self.in_use, published_at="")

    def rotation(self) -> RotationEffect:
        return RotationEffect(fingerprint=self.in_use, expires_at="", outdated=[], jobs=[])


def admission() -> StoredAnswer:
    batch = BatchRecord(batch="batch-0001", institution="north", rows=90, n_columns=2, sums=[1.0])
    numbers = {"round": 0, "rows": 90, "openings": 1}
    texts = dict.fromkeys(("job", "payload_sha256", "answer_sha256", "rule"), "")
    record = AnswerRecord(request="request-0001", kind="admission", outcome="admitted", batch=batch, **numbers, **texts)
    return StoredAnswer(record, b"answer")


def test_batch_of_an_answer_that_was_still_kept_stays_forgotten(tmp_path: Path):
    home = Home(tmp_path / "custodian")
    create_home(home, study="trial", profile_name=PROFILE, passphrase=PASSPHRASE)
    vault = open_vault(home.vault, PASSPHRASE)
    old = Store(home.path, vault.sealer())
    old.commit(admission())
    sealed = keep(old, sealed_record())
    server = Taking("http://testserver", "")
    assert rotate(home, vault, server, PASSPHRASE).stands == "proposed"
    assert rotate(home, vault, server, PASSPHRASE).stands == "replaced"
    store = Store(home.path, open_vault(home.vault, PASSPHRASE).sealer())
    assert store.recover() == []
    assert list(store.batches()) == []
    assert store.sealed(sealed.request) == sealed  # results outlive the key


def test_forgetting_one_batch_survives_a_restart_of_the_custodian(tmp_path: Path):
    home = Home(tmp_path / "custodian")
    create_home(home, study="trial", profile_name=PROFILE, passphrase=PASSPHRASE)
    sealer = open_vault(home.vault, PASSPHRASE).sealer()
    Store(home.path, sealer).commit(admission())
    assert Store(home.path, sealer).forget("batch-0001")
    restarted = Store(home.path, sealer)
    assert restarted.recover() == []
    assert list(restarted.batches()) == []
