"""Batches arrive whole or not at all, whatever happens on the way."""

import hashlib
import random
from typing import Any

import pytest

from hefed.core.ckks.backend import Encryptor
from hefed.core.protocol.uploads import BatchManifest
from hefed.core.words import Fact
from hospitals.batches.models import Batch, Block
from tests.server.cohort import Upload, encrypt_batch, simulate_hospital
from tests.server.conftest import Api, ApiFor
from tests.words.raises import answers


def changed(upload: Upload, **fields: Any) -> Upload:
    return Upload(upload.manifest.model_copy(update=fields), upload.blocks)


def replaced(upload: Upload, index: int, data: bytes) -> Upload:
    """Another block, announced with its own digest."""
    blocks = list(upload.manifest.blocks)
    blocks[index] = blocks[index].model_copy(update={"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    stored = [*upload.blocks[:index], data, *upload.blocks[index + 1 :]]
    return Upload(upload.manifest.model_copy(update={"blocks": blocks}), stored)


def test_study_package_says_what_an_encryptor_needs(north: Api, study):
    package = north.package()
    assert (package.study, package.institution, package.profile) == ("trial", "north", study.profile)
    assert package.key is not None
    assert package.dictionary_csv.startswith("name,label")


def test_upload_in_one_go_is_stored_and_checked(north: Api, upload: Upload, broker):
    status = north.upload(upload)
    assert (status.batch, status.state) == ("batch-0001", "checking")
    assert {block.state for block in status.blocks} == {"stored"}
    assert broker.llen("admission") > 0


def test_upload_cut_at_random_bytes_goes_on_where_it_stopped(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    data, sent, cuts = upload.blocks[0], 0, random.Random(3)
    while sent < len(data):
        piece = data[sent : sent + cuts.randint(1, 150_000)]
        response = north.append(batch, 0, sent, piece)
        sent += len(piece)
        assert response.json()["received_bytes"] == sent
    assert response.json()["state"] == "stored"
    assert Block.objects.get(index=0).blob.digest == hashlib.sha256(data).hexdigest()


def test_bytes_before_a_broken_connection_count(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]

    def broken():
        yield upload.blocks[0][:100_000]

    headers = {"Upload-Offset": "0", "Content-Length": str(len(upload.blocks[0]))}
    response = north.patch(f"batches/{batch}/blocks/0", content=broken(), headers=headers)
    assert response.json()["received_bytes"] == 100_000
    rest = north.append(batch, 0, 100_000, upload.blocks[0][100_000:])
    assert rest.json()["state"] == "stored"


def test_wrong_offset_is_409_and_says_the_right_one(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    north.append(batch, 0, 0, upload.blocks[0][:1000])
    response = north.append(batch, 0, 500, upload.blocks[0][500:])
    assert (response.status_code, response.headers["Upload-Offset"]) == (409, "1000")


def test_stored_block_takes_no_more_bytes(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    north.append(batch, 0, 0, upload.blocks[0])
    again = north.append(batch, 0, 0, upload.blocks[0])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(len(upload.blocks[0])))


def test_more_bytes_than_announced_are_413(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    assert north.append(batch, 0, 0, upload.blocks[0] + b"x").status_code == 413


@pytest.mark.parametrize("offset", ["", "-1", "1e3", "x", "9" * 30])
def test_offset_that_is_no_number_is_422(north: Api, upload: Upload, offset: str):
    batch = north.announce(upload).json()["batch"]
    headers = {"Upload-Offset": offset}
    assert north.patch(f"batches/{batch}/blocks/0", content=b"x", headers=headers).status_code == 422


def test_block_with_a_flipped_bit_is_422_and_starts_again(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    damaged = bytearray(upload.blocks[0])
    damaged[len(damaged) // 2] ^= 1
    response = north.append(batch, 0, 0, bytes(damaged))
    answers(response, 422, "batches.other_digest", index=0, announced=upload.manifest.blocks[0].sha256[:16])
    assert Block.objects.get(index=0).received_bytes == 0
    assert north.append(batch, 0, 0, upload.blocks[0]).json()["state"] == "stored"


def test_random_bytes_with_a_right_digest_are_422(north: Api, upload: Upload):
    garbage = random.Random(5).randbytes(len(upload.blocks[0]))
    batch = north.announce(replaced(upload, 0, garbage)).json()["batch"]
    response = north.append(batch, 0, 0, garbage)
    answers(response, 422, "protocol.no_envelope")


def test_block_of_another_place_is_422(north: Api, upload: Upload):
    batch = north.announce(replaced(upload, 0, upload.blocks[1])).json()["batch"]
    response = north.append(batch, 0, 0, upload.blocks[1])
    assert response.status_code == 422
    assert "index" in response.json()["error"]


def test_incomplete_batch_is_not_checked(north: Api, upload: Upload):
    batch = north.announce(upload).json()["batch"]
    north.append(batch, 0, 0, upload.blocks[0])
    response = north.post(f"batches/{batch}/complete")
    answers(response, 409, "batches.blocks_missing", batch=batch, missing=2)


def test_same_manifest_is_the_same_batch(north: Api, upload: Upload):
    assert north.announce(upload).json()["batch"] == north.announce(upload).json()["batch"]
    assert Batch.objects.count() == 1


def test_same_patients_encrypted_again_are_409(north: Api, upload: Upload, encryptor: Encryptor):
    north.announce(upload)
    again = encrypt_batch(north.package(), encryptor, *simulate_hospital(90, 30, seed=1), rows_per_block=45)
    response = north.announce(again)
    assert (response.status_code, "batch-0001" in response.json()["error"]) == (409, True)


WRONG: list[tuple[str, Any, str, dict[str, Fact]]] = [
    ("study", "other", "batches.other_study", {"found": "other"}),
    ("institution", "south", "batches.other_institution", {"found": "south", "wanted": "north"}),
    ("profile", "N14_L9", "batches.other_profile", {"found": "N14_L9"}),
    ("key_fingerprint", "0" * 64, "batches.other_key", {"key": "0" * 16}),
    ("dictionary_version", 2, "batches.other_dictionary", {"found": 2, "wanted": 1}),
    ("dictionary_digest", "0" * 64, "batches.other_dictionary", {"found_digest": "0" * 16}),
    ("patients", 7, "batches.patients_differ", {"patients": 7}),
    ("columns", ["intercept", "age"], "batches.other_columns", {"columns": 2}),
]


@pytest.mark.parametrize(("field", "value", "code", "facts"), WRONG)
def test_manifest_of_another_study_key_or_dictionary_is_422(
    north: Api, upload: Upload, field: str, value: Any, code: str, facts: dict[str, Fact]
):
    answers(north.announce(changed(upload, **{field: value})), 422, code, **facts)
    assert Batch.objects.count() == 0


def test_manifest_with_oversized_or_misplaced_blocks_is_422(north: Api, upload: Upload):
    blocks = upload.manifest.blocks
    wrong = [
        [blocks[0].model_copy(update={"bytes": 10}), *blocks[1:]],
        [blocks[0].model_copy(update={"bytes": 10**9}), *blocks[1:]],
        [blocks[0].model_copy(update={"patients": 10**6}), *blocks[1:]],
        [blocks[1], blocks[0], blocks[2]],
        [blocks[0].model_copy(update={"role": "holdout"}), *blocks[1:]],
    ]
    assert {north.announce(changed(upload, blocks=listed)).status_code for listed in wrong} == {422}


def test_manifest_that_is_no_manifest_is_422_with_the_field(north: Api):
    response = north.post("batches", json={"format": "hefed-batch/1"})
    answers(response, 422, "server.wrong_field")


def test_batch_before_keys_are_published_is_409(api_for: ApiFor, upload_manifest_without_key: BatchManifest):
    response = api_for("north").post("batches", json=upload_manifest_without_key.model_dump(mode="json"))
    assert response.status_code == 409


@pytest.fixture
def upload_manifest_without_key(study) -> BatchManifest:
    block = {"index": 0, "role": "train", "patients": 1, "bytes": 1, "sha256": "0" * 64}
    fields = {"study": "trial", "institution": "north", "profile": study.profile, "key_fingerprint": "0" * 64}
    digests = {"dictionary_version": 1, "dictionary_digest": "0" * 64, "cohort_digest": "0" * 64}
    rest = {"patients": 1, "columns": ["intercept", "age"], "blocks": [block], "encryptor": "tests"}
    return BatchManifest.model_validate(fields | digests | rest)
