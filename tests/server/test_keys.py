"""Public keys only: nothing else is ever accepted from a custodian."""

from pathlib import Path

import pytest
from django.conf import settings

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.params import profile
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.custodian.keeping.store import Home
from hospitals.keys.models import KeySet
from tests.server.cohort import PROFILE
from tests.server.conftest import STUDY, Api, ApiFor
from tests.words.raises import answers


def key_envelope(item: bytes, kind: str = "public-key", study: str = STUDY, fingerprint: str = "") -> bytes:
    return envelope.to_bytes(Label(kind, study, PROFILE, fingerprint), [item])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def other_keys():
    return generate_keys(profile(PROFILE))


def test_both_keys_published_make_the_study_ready(published: Api, keys_home: Path):
    key_set = KeySet.objects.get()
    assert key_set.state == KeySet.State.ACTIVE
    assert published.package().key.fingerprint == key_set.fingerprint
    assert published.get("keys/public").content == Home(keys_home).public_key.read_bytes()


def test_study_shows_no_key_before_both_are_there(api_for: ApiFor, keys_home: Path):
    custodian = api_for("custodian")
    custodian.put("custodian/keys/public", content=Home(keys_home).public_key.read_bytes())
    assert custodian.package().key is None


def test_same_keys_published_twice_change_nothing(published: Api, keys_home: Path):
    home = Home(keys_home)
    for name, path in (("public", home.public_key), ("relinearisation", home.relinearisation_key)):
        assert published.put(f"custodian/keys/{name}", content=path.read_bytes()).status_code == 200
    assert KeySet.objects.count() == 1


def test_secret_key_is_refused_wherever_it_is_put(api_for: ApiFor, other_keys):
    secret, evaluation = other_keys
    custodian = api_for("custodian")
    response = custodian.put("custodian/keys/public", content=key_envelope(secret.stream))
    answers(response, 422, "ckks.secret_key_sent")
    custodian.put("custodian/keys/public", content=key_envelope(evaluation.public.public))
    body = key_envelope(secret.stream, "relinearisation-key", fingerprint=evaluation.fingerprint)
    response = custodian.put("custodian/keys/relinearisation", content=body)
    answers(response, 422, "ckks.secret_key_sent")
    blobs = [path.read_bytes() for path in Path(settings.HEFED_UPLOAD_DIR).parent.rglob("*") if path.is_file()]
    assert not any(secret.stream[100:400] in data for data in blobs)


def test_key_of_another_study_is_422(api_for: ApiFor, other_keys):
    body = key_envelope(other_keys[1].public.public, study="other")
    assert api_for("custodian").put("custodian/keys/public", content=body).status_code == 422


def test_relinearisation_key_of_another_public_key_is_422(published: Api, other_keys):
    _, evaluation = other_keys
    body = key_envelope(evaluation.relinearisation, "relinearisation-key", fingerprint=evaluation.fingerprint)
    response = published.put("custodian/keys/relinearisation", content=body)
    assert (response.status_code, evaluation.fingerprint[:16] in response.json()["error"]) == (422, True)


def test_relinearisation_key_first_is_409(api_for: ApiFor, keys_home: Path):
    body = Home(keys_home).relinearisation_key.read_bytes()
    assert api_for("custodian").put("custodian/keys/relinearisation", content=body).status_code == 409


@pytest.mark.parametrize("body", [b"", b"HEFED\x01\r\n", b"x" * 5000, key_envelope(b"\x00" * 1000)])
def test_bytes_that_are_no_key_are_422(api_for: ApiFor, body: bytes):
    assert api_for("custodian").put("custodian/keys/public", content=body).status_code == 422


def test_key_above_the_size_limit_is_413(api_for: ApiFor, keys_home: Path, settings):
    settings.HEFED_MAX_KEY_BYTES = 1000
    body = Home(keys_home).public_key.read_bytes()
    assert api_for("custodian").put("custodian/keys/public", content=body).status_code == 413


def test_another_key_is_a_proposal_and_retires_nothing(published: Api, keys_home: Path, other_keys):
    answer = published.put("custodian/keys/public", content=key_envelope(other_keys[1].public.public))
    assert (answer.status_code, answer.json()["proposed"]) == (200, True)
    assert sorted(KeySet.objects.values_list("state", flat=True)) == ["active", "proposed"]
    assert published.get("keys/public").content == Home(keys_home).public_key.read_bytes()


def test_a_token_has_one_proposal(published: Api, other_keys):
    for keys in (other_keys[1], generate_keys(profile(PROFILE))[1]):
        published.put("custodian/keys/public", content=key_envelope(keys.public.public))
    assert KeySet.objects.get(state=KeySet.State.PROPOSED).fingerprint == keys.fingerprint
