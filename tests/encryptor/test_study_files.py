"""A study is used only with its own dictionary, ring and key; what a hospital keeps of it, and of whom it sent."""

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, BatchFileInvalid, HEFedError, RowsInvalid, WrongKey
from hefed.core.protocol.uploads import HoldoutRule, StudyPackage, is_held_out, patient_hash
from hefed.encryptor.batchfile import BatchReader
from hefed.encryptor.blocks import held_out
from hefed.encryptor.client import KEY_NAME, PACKAGE_NAME, SealedStudy, Source, Study, save, with_key
from hefed.encryptor.screen import Screen
from hefed.encryptor.steps import (
    Desk,
    EncryptChoices,
    LocalState,
    TableChoices,
    check_table,
    content_name,
    encrypt_table,
)
from tests.encryptor.conftest import patients
from tests.words.raises import says

Write = Callable[..., Path]


def changed(package: StudyPackage, **fields: object) -> StudyPackage:
    return package.model_copy(update=fields)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Screen(), LocalState(tmp_path / "state"))


# ---- package and key -------------------------------------------------------------------------------------------------


def test_saved_study_is_read_back_as_the_same(package: StudyPackage, public_key: bytes, tmp_path: Path) -> None:
    written = save(tmp_path / "a" / "b", package, public_key)
    source = Source(study_file=written[0], key_file=written[1])

    assert [path.name for path in written] == [PACKAGE_NAME, KEY_NAME]
    assert source.sealed_study(None).study.package == package
    assert package.key is not None and source.sealed_study(None).fingerprint == package.key.fingerprint


def test_study_without_key_is_saved_alone_and_seals_nothing(
    package: StudyPackage, public_key: bytes, tmp_path: Path
) -> None:
    (written,) = save(tmp_path, changed(package, key=None), None)

    assert [path.name for path in tmp_path.iterdir()] == [PACKAGE_NAME]
    with says("encryptor.no_key", WrongKey):
        with_key(Study.from_file(written), public_key)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"profile": "N99_L9"}, "encryptor.package"),
        ({"dictionary_digest": "0" * 64}, "encryptor.package_digest"),
    ],
)
def test_package_that_contradicts_itself_is_no_study(
    package: StudyPackage, fields: dict[str, object], code: str
) -> None:
    with says(code, WrongKey):
        Study(changed(package, **fields))


def test_dictionary_edited_in_the_package_is_noticed(package: StudyPackage) -> None:
    edited = package.dictionary_csv.replace("65.0", "66.0")
    assert edited != package.dictionary_csv
    with says("encryptor.package_digest", WrongKey, announced=package.dictionary_digest[:16]):
        Study(changed(package, dictionary_csv=edited))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"not json", b"\xff\xfe"])
def test_file_that_is_no_package_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "study.json"
    path.write_bytes(data)
    with says("encryptor.no_package", WrongKey, name="study.json"):
        Study.from_file(path)


def test_key_of_another_study_is_refused(package: StudyPackage, public_key: bytes) -> None:
    with says("encryptor.public_key", WrongKey):
        with_key(Study(changed(package, study="cardiology")), public_key)


def test_key_that_the_package_does_not_name_is_refused(package: StudyPackage, public_key: bytes) -> None:
    assert package.key is not None
    other = changed(package, key=package.key.model_copy(update={"fingerprint": "0" * 64}))
    with says("encryptor.fingerprint_package", WrongKey):
        with_key(Study(other), public_key)


def test_typed_fingerprint_must_be_the_keys(package: StudyPackage, public_key: bytes) -> None:
    assert package.key is not None
    typed = package.key.fingerprint
    grouped = " ".join(typed[at : at + 4] for at in range(0, 64, 4))

    for spelling in (typed, typed.upper(), grouped):
        assert with_key(Study(package), public_key, spelling).fingerprint == typed
    with says("encryptor.fingerprint_expected", WrongKey):
        with_key(Study(package), public_key, typed[:-1] + ("0" if typed[-1] != "0" else "1"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_key_with_a_flipped_bit_or_an_early_end_is_never_used(
    package: StudyPackage, public_key: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(public_key) - 1))
    flipped = bytearray(public_key)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    for damaged in (bytes(flipped), public_key[:at]):
        with pytest.raises(HEFedError):
            with_key(Study(package), damaged)


@pytest.mark.parametrize(
    ("source", "code"),
    [(Source(), "encryptor.no_study"), (Source(server="https://study.example"), "encryptor.no_server")],
)
def test_neither_file_nor_server_is_said(source: Source, code: str) -> None:
    with says(code, BadInput):
        source.study()


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "t\u00f6ken", "a\tb"])
def test_file_that_holds_no_token_is_named_before_anything_is_sent(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    with says("encryptor.no_token", BadInput, name="token"):
        Source(server="https://study.example", token_file=path).client()


@pytest.mark.parametrize(("encoding", "token"), [("utf-8-sig", "hefed_abc"), ("utf-16", "")])
def test_token_file_that_windows_wrote_is_read_or_named(tmp_path: Path, encoding: str, token: str) -> None:
    path = tmp_path / "token"
    path.write_text("hefed_abc\r\n", encoding=encoding)
    source = Source(server="https://study.example", token_file=path)
    if token:
        with source.client():
            pass
    else:
        with says("encryptor.no_token", BadInput, name="token"):
            source.client()


# ---- what is remembered ----------------------------------------------------------------------------------------------

HASHES = [patient_hash("0" * 32, f"p{n}") for n in range(4)]


def test_batch_that_was_sent_stays_sent_when_it_is_encrypted_again(tmp_path: Path) -> None:
    state = LocalState(tmp_path)
    state.remember("s", "c1", HASHES[:2])
    state.mark_sent("s", "c1")
    state.remember("s", "c1", HASHES[:2])
    state.remember("s", "c2", HASHES[2:])

    assert [state.already_sent("s")(one) for one in HASHES] == [True, True, False, False]


@pytest.mark.parametrize("study", ["s", "t"])
def test_marking_or_forgetting_what_was_never_encrypted_does_nothing(tmp_path: Path, study: str) -> None:
    state = LocalState(tmp_path)
    state.remember("s", "c1", HASHES)
    state.mark_sent("s", "c1")
    state.mark_sent(study, "c2")
    state.forget(study, "c2")

    assert all(map(state.already_sent("s"), HASHES)) and not state.already_sent("t")(HASHES[0])


def test_forgetting_all_of_a_study_leaves_the_others_and_what_is_pending(tmp_path: Path) -> None:
    state = LocalState(tmp_path)
    for study, cohort in (("s", "c1"), ("s", "c2"), ("t", "c1")):
        state.remember(study, cohort, HASHES[:2])
        state.mark_sent(study, cohort)
    state.remember("s", "c3", HASHES[2:])
    state.forget_all("s")
    state.mark_sent("s", "c3")

    assert [state.already_sent("s")(one) for one in HASHES] == [False, False, True, True]
    assert state.already_sent("t")(HASHES[0])


def test_receipt_is_kept_until_it_is_dropped(tmp_path: Path) -> None:
    state = LocalState(tmp_path)
    before = state.receipt("name")
    state.keep_receipt("name", "batch-0001")
    state.keep_receipt("name", "batch-0002")
    kept = LocalState(tmp_path).receipt("name")
    state.drop_receipt("name")
    state.drop_receipt("name")

    assert (before, kept, state.receipt("name")) == ("", "batch-0002", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_everything_remembered_is_for_its_owner_only(tmp_path: Path) -> None:
    state = LocalState(tmp_path / "deep" / "home")
    state.remember("s", "c1", HASHES)
    state.keep_receipt("name", "batch-0001")
    state.outbox("name")

    home = tmp_path / "deep" / "home"
    for path in (home, *home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


# ---- steps -----------------------------------------------------------------------------------------------------------


def test_table_of_refused_rows_stops_unless_they_are_left_out(
    desk: Desk, sealed_study: SealedStudy, write_table: Write, tmp_path: Path
) -> None:
    path, listed = write_table(patients(9) + "p99,old,1,F,0,none,0\n"), tmp_path / "refused.csv"
    with says("encryptor.rows_refused", RowsInvalid, refused=1, rows=10):
        check_table(desk, sealed_study.study, path, TableChoices(refused_rows=listed))
    kept = check_table(desk, sealed_study.study, path, TableChoices(skip_invalid=True))

    assert kept.report.patients == 9
    assert [line.split(",")[:2] for line in listed.read_text().splitlines()[1:]] == [["11", "age"]]


def test_table_whose_every_row_is_refused_is_no_batch(
    desk: Desk, sealed_study: SealedStudy, write_table: Write
) -> None:
    path = write_table("p1,old,1,F,0,none,0\n")
    with says("encryptor.no_patient", RowsInvalid, name="table.csv"):
        check_table(desk, sealed_study.study, path, TableChoices(skip_invalid=True))


def test_encrypted_table_is_announced_as_it_is(
    desk: Desk, sealed_study: SealedStudy, table: Path, tmp_path: Path
) -> None:
    checked = check_table(desk, sealed_study.study, table, TableChoices())
    reader = encrypt_table(desk, sealed_study, checked, tmp_path / "out.hefed.zip", EncryptChoices(workers=1))
    found, package = reader.manifest, sealed_study.study.package

    assert (found.patients, sum(block.patients for block in found.blocks)) == (40, 40)
    held = sum(is_held_out(one, package.holdout.fraction) for one in checked.hashes)
    assert sum(block.patients for block in found.blocks if block.role == "holdout") == held == checked.report.holdout
    assert found.columns == [column.name for column in sealed_study.study.dictionary.columns]
    assert (found.key_fingerprint, found.dictionary_digest) == (sealed_study.fingerprint, package.dictionary_digest)
    BatchReader(reader.path).verify()
    summary = desk.summarised()
    assert (summary["patients"], summary["holdout"]) == (40, held)


def test_encrypted_but_unsent_patients_may_be_checked_again(
    desk: Desk, sealed_study: SealedStudy, table: Path, tmp_path: Path
) -> None:
    checked = check_table(desk, sealed_study.study, table, TableChoices())
    reader = encrypt_table(desk, sealed_study, checked, tmp_path / "out.hefed.zip", EncryptChoices(workers=1))
    assert check_table(desk, sealed_study.study, table, TableChoices()).report.patients == 40

    desk.state.mark_sent("surgery.north", reader.manifest.cohort_digest)
    with says("encryptor.rows_refused", RowsInvalid, refused=40, rows=40):
        check_table(desk, sealed_study.study, table, TableChoices())
    assert check_table(desk, sealed_study.study, table, TableChoices(replace=True)).report.patients == 40


def test_block_cut_from_the_file_is_noticed_when_it_is_verified(
    desk: Desk, sealed_study: SealedStudy, table: Path, tmp_path: Path
) -> None:
    checked = check_table(desk, sealed_study.study, table, TableChoices())
    path = encrypt_table(desk, sealed_study, checked, tmp_path / "out.zip", EncryptChoices(workers=1)).path
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    with pytest.raises(BatchFileInvalid):
        BatchReader(path).verify()


def test_name_of_a_table_changes_with_all_that_changes_its_batch(
    desk: Desk, package: StudyPackage, write_table: Write
) -> None:
    path, choices = write_table(patients(3)), TableChoices(missing_words=frozenset({"NA", "x"}))
    name = content_name(desk, package, path, choices)
    others = {
        content_name(desk, changed(package, institution="south"), path, choices),
        content_name(desk, package, write_table(patients(4), name="other.csv"), choices),
        content_name(desk, package, path, replace(choices, missing_words=frozenset({"NA"}))),
        content_name(desk, package, path, replace(choices, skip_invalid=True)),
    }
    assert name not in others and len(others) == 4
    assert content_name(desk, package, path, replace(choices, refused_rows=path, replace=True)) == name
    assert content_name(desk, package, write_table(patients(3), name="copy.csv"), choices) == name


# ---- held out --------------------------------------------------------------------------------------------------------


def test_held_out_ids_are_those_of_the_rule_in_the_tables_order(dictionary: DataDictionary, write_table: Write) -> None:
    rule = HoldoutRule(salt="5a" * 16, fraction=0.3)
    path = write_table(patients(60) + "\n,1,2,F,0,none,0\n")
    expected = [f"p{n}" for n in range(60) if is_held_out(patient_hash(rule.salt, f"p{n}"), 0.3)]

    assert held_out(path, dictionary, rule) == expected
    assert 5 < len(expected) < 35


def test_table_without_ids_holds_nobody_out(dictionary: DataDictionary, write_table: Write) -> None:
    with says("encryptor.no_id_column", RowsInvalid, name="table.csv", column="pid"):
        held_out(write_table("p1,70\n", header="patient,age"), dictionary, HoldoutRule(salt="5a" * 16))
