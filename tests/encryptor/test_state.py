"""The local memory of patients already sent is keyed, per study, and forgets what the server does not hold."""

from pathlib import Path

from hefed.core.errors import BadInput
from hefed.core.protocol.uploads import HoldoutRule, SharedPatients, is_held_out, patient_hash
from hefed.encryptor.steps import LocalState
from tests.words.raises import says

PATIENTS = [patient_hash("0" * 32, f"p{n}") for n in range(3)]
COHORT = "c" * 64


def test_patients_count_as_sent_only_after_the_server_took_the_batch(tmp_path: Path) -> None:
    state = LocalState(tmp_path / "state")
    state.remember("surgery.north", COHORT, PATIENTS)
    before = state.already_sent("surgery.north")(PATIENTS[0])
    state.mark_sent("surgery.north", COHORT)

    sent = LocalState(tmp_path / "state").already_sent("surgery.north")
    assert not before
    assert [sent(one) for one in PATIENTS] == [True] * 3
    assert not sent(patient_hash("0" * 32, "p3"))
    assert not state.already_sent("surgery.south")(PATIENTS[0])


def test_forgotten_cohort_may_be_sent_again(tmp_path: Path) -> None:
    state = LocalState(tmp_path)
    state.remember("s", COHORT, PATIENTS)
    state.mark_sent("s", COHORT)
    state.forget("s", COHORT)
    assert not state.already_sent("s")(PATIENTS[0])


def test_hashes_on_disk_are_keyed_by_this_directory(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LocalState(tmp_path / name).remember("s", COHORT, PATIENTS)

    one, two = ((tmp_path / name / "sent/s" / f"{COHORT}.pending").read_bytes() for name in ("one", "two"))
    assert len(one) == len(two) == 48 and one != two
    assert PATIENTS[0][:16] not in one


def test_keyed_name_depends_on_every_part_and_on_the_directory(tmp_path: Path) -> None:
    one, two = LocalState(tmp_path / "one"), LocalState(tmp_path / "two")
    names = {
        one.keyed_name(b"a", b"b"),
        one.keyed_name(b"ab", b""),
        one.keyed_name(b"b", b"a"),
        two.keyed_name(b"a", b"b"),
    }
    assert len(names) == 4
    assert one.keyed_name(b"a", b"b") == LocalState(tmp_path / "one").keyed_name(b"a", b"b")


def test_broken_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with says("encryptor.state_key", BadInput, size=5, wanted=32):
        LocalState(tmp_path)
    assert (tmp_path / "key").read_bytes() == b"short"


def test_batch_is_counted_against_earlier_ones_also_against_what_the_server_holds_no_more(tmp_path: Path) -> None:
    state, rule = LocalState(tmp_path), HoldoutRule(salt="0" * 32, fraction=0.5)
    first = [patient_hash("0" * 32, f"p{n}") for n in range(40)]
    state.remember("s", COHORT, first)
    assert state.shared("s", first, rule) == []  # it was not sent yet
    state.mark_sent("s", COHORT)
    state.forget_all("s")

    second = [*first[3:], *(patient_hash("0" * 32, f"q{n}") for n in range(5))]
    held_out = sum(is_held_out(one, rule.fraction) for one in first[3:])
    assert state.shared("s", second, rule) == [
        SharedPatients(cohort_digest=COHORT, train=37 - held_out, holdout=held_out)
    ]
    strangers = [patient_hash("0" * 32, f"r{n}") for n in range(5)]
    assert state.shared("s", strangers, rule) == [SharedPatients(cohort_digest=COHORT, train=0, holdout=0)]
