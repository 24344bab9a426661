"""What a hospital sends is hostile until checked: structure before native code, sums by the custodian."""

import hashlib
import re
from collections.abc import Callable

import numpy as np
import pytest

from hefed.core.ckks import wire
from hefed.core.ckks.backend import Encryptor
from hefed.core.ckks.params import OUTCOME_LEVEL, profile
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hospitals.batches.models import Batch
from hospitals.batches.selectors import table_one_of
from hospitals.blobs.models import Blob
from tests.custodian.cohort import Rows
from tests.server.cohort import PROFILE, Upload, encrypt_batch, simulate_hospital
from tests.server.conftest import Api
from tests.server.test_upload import replaced
from tests.server.training import InProcessCustodian, deliver
from tests.words.raises import pattern
from training.jobs.models import CustodianRequest, Round

RING = profile(PROFILE)


def with_item(upload: Upload, item: int, change: Callable[[bytes], bytes]) -> Upload:
    """Block 0 with one changed ciphertext and otherwise in order, digest included."""
    sealed = envelope.from_bytes(upload.blocks[0])
    items = list(sealed.items)
    items[item] = change(items[item])
    header = sealed.header
    label = Label(header.kind, header.study, header.profile, header.key_fingerprint)
    return replaced(upload, 0, envelope.to_bytes(label, items, header.meta))


def word_above_prime(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[wire.HEADER_BYTES : wire.HEADER_BYTES + 7] = b"\xff" * 7
    return bytes(changed)


def another_scale(data: bytes) -> bytes:
    words = wire.unpack(RING, data, Shape(RING.max_level))
    return wire.pack(RING, CiphertextWords(words.level, words.scale * 2, words.words))


def random_header(data: bytes) -> bytes:
    return b"\x00" * wire.HEADER_BYTES + data[wire.HEADER_BYTES :]


def wrong_parms_id(data: bytes) -> bytes:
    return data[:20] + b"\x55" * 32 + data[52:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (word_above_prime, pattern("ckks.word_range")),
        (another_scale, pattern("ckks.field", name="scale")),
        (random_header, pattern("ckks.field", name="magic")),
        (wrong_parms_id, pattern("ckks.field", name="parms_id")),
    ],
)
def test_malformed_ciphertext_is_quarantined_in_words(north: Api, upload: Upload, broker, change, reason: str):
    north.upload(with_item(upload, 3, change))
    deliver(broker)
    status = north.get("batches/batch-0001").json()
    assert status["state"] == "quarantined"
    assert re.search(reason, status["reason"])
    assert not CustodianRequest.objects.exists()
    assert not Round.objects.filter(state__in=Round.LIVE).exists()


def test_sound_batch_is_admitted_with_its_table_one(north: Api, upload: Upload, broker, custodian: InProcessCustodian):
    north.upload(upload)
    deliver(broker)
    assert north.get("batches/batch-0001").json()["state"] == "custodian"
    custodian.answer()
    assert north.get("batches/batch-0001").json()["state"] == "admitted"
    table = table_one_of(Batch.objects.get())
    assert table is not None
    assert table.n == 120
    assert Blob.objects.count() == len(upload.blocks) + 2


def test_well_formed_garbage_is_quarantined_by_its_sums(
    north: Api, encryptor: Encryptor, broker, custodian: InProcessCustodian
):
    rng = np.random.default_rng(1)
    train, holdout = simulate_hospital(90, 30, seed=4)
    garbage = Rows(rng.normal(size=train.x.shape) * 5, train.y)
    north.upload(encrypt_batch(north.package(), encryptor, garbage, holdout))
    deliver(broker)
    custodian.answer()
    batch = Batch.objects.get()
    assert batch.state == Batch.State.QUARANTINED
    assert {code.partition(".")[0] for code in batch.reason.split()} == {"admission"}


def test_patients_of_a_quarantined_batch_may_be_sent_again(north: Api, upload: Upload, encryptor: Encryptor, broker):
    north.upload(with_item(upload, 3, word_above_prime))
    deliver(broker)
    again = encrypt_batch(north.package(), encryptor, *simulate_hospital(90, 30, seed=1), rows_per_block=45)
    assert north.announce(again).json()["batch"] == "batch-0002"


def test_completing_twice_checks_once(north: Api, upload: Upload, broker):
    first = north.upload(upload)
    again = north.post(f"batches/{first.batch}/complete")
    assert (again.status_code, again.json()["state"]) == (200, "checking")
    assert Round.objects.count() == 1


def test_outcome_at_the_wrong_level_does_not_pass_the_upload(north: Api, upload: Upload, encryptor: Encryptor):
    high = encryptor.packed(np.ones(3), OUTCOME_LEVEL + 1)
    changed = with_item(upload, -1, lambda _: high)
    batch = north.announce(changed).json()["batch"]
    response = north.append(batch, 0, 0, changed.blocks[0])
    assert (response.status_code, "items" in response.json()["error"]) == (422, True)
    assert hashlib.sha256(changed.blocks[0]).hexdigest() == changed.manifest.blocks[0].sha256
