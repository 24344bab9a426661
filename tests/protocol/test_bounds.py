"""The bounds of single fields, at the bound and one beyond, and the rules that bind several fields of one message."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hefed.core.protocol.requests import RotationEffect
from hefed.core.protocol.threshold import AgentCard, PartialNote, Resharing, Sharing
from hefed.core.protocol.verdicts import AgentVerdict
from tests.protocol.examples import COMPACT, example, model
from tests.protocol.people import DIGEST, OTHER, agent, seats, sharing, verdict

# message, field, what is taken at the bound, what is refused beyond it
BOUNDS: list[tuple[str, str, list[Any], list[Any]]] = [
    ("requests.EnrolmentCodeText", "code", ["x" * 8, "x" * 120], ["x" * 7, "x" * 121]),
    ("requests.OutdatedShare", "batches", [1], [0, -1, 1.5]),
    ("requests.OutdatedShare", "patients", [1], [0, -1]),
    ("envelope.Header", "profile", ["x", "x" * 64], ["", "x" * 65]),
    ("lead.LeadStatement", "point", [1, 9], [0, 10, -1, 1.5, None]),
    ("lead.LeadStatement", "target", ["", "x" * 200], ["x" * 201]),
    ("lead.LeadStatement", "payload_sha256", ["", DIGEST], ["0", " "]),
    ("lead.HandOverNote", "giver", [1, 9], [0, 10]),
    ("lead.HandOverNote", "taker", [1, 9], [0, 10]),
    ("lead.HandOverNote", "number", [1, 1_000_000_000], [0, -1, 1_000_000_001]),
    ("lead.HandOverNote", "sealed_bytes", [1], [0, -1]),
    ("lead.Presence", "point", [1, 9], [0, 10]),
    ("releases.OpenedItem", "salt", ["00" * 32], ["", "00" * 31, "00" * 33, "AB" * 32]),
    ("releases.OpenedItem", "item", ["coefficients", "metrics", "curves", "table_one"], ["", "rows", "key"]),
    ("releases.Statement", "version", [1, 10**9], [0, -1]),
    ("releases.Statement", "says", ["request", "approve"], ["reject", "publish"]),
    ("releases.ReleaseTask", "items", [["metrics"]], [[], ["rows"]]),
    ("releases.ReleaseTask", "requested", ["a.b.c"], ["", "a b", "a.b.c\n", "é", "a.b.c=", "a/b"]),
    ("releases.Publication", "items", [[example("releases.OpenedItem")]], [[]]),
    ("releases.ReleaseReport", "agents_needed", [0, 9], [-1, 10]),
    ("releases.AgentPreview", "point", [1, 9], [0, 10]),
    ("requests.SigmoidSpec", "degree", [15, 31, 63], [0, 7, 16, 127]),
    ("requests.SigmoidSpec", "half_width", [5e-324], [0, -1.0]),
    ("requests.SigmoidSpec", "sd", [5e-324], [0, -1.0]),
    ("requests.PoolShare", "rows", [0], [-1]),
    ("requests.CohortPart", "rows", [1], [0, -1]),
    ("requests.Request", "kind", ["a", "a" * 16, "_"], ["", "a" * 17, "A", "a-b", "../a", "a\n"]),
    ("requests.NextRound", "kind", ["hessian"], ["Hessian", "hessian;", "a b"]),
    ("results.SealedResult", "items", [[example("results.ItemCommitment")]], [[]]),
    ("threshold.AgentCard", "name", ["x", "x" * 120, "서울 병원", "St. Mary's"], ["", "x" * 121]),
    ("threshold.NoiseKey", "absent", [[], [1, 9]], [[0], [10], ["one"]]),
    ("threshold.NoiseKey", "key", ["00" * 32], ["", "00" * 16, "00" * 33, "zz" * 32]),
    ("threshold.Dealing", "dealer", [1, 9], [0, 10]),
    ("threshold.Dealing", "pieces", [[], ["a.b"]], [[""], ["a b"], ["a\n"], ["\x00"]]),
    ("threshold.PartialNote", "point", [1, 9], [0, 10]),
    ("threshold.Signed", "jws", ["a.b.c"], ["", "a.b.c\n", "a b", "é"]),
    ("uploads.HoldoutRule", "salt", ["0" * 32, "0" * 128], ["0" * 31, "0" * 129, "A" * 32]),
    ("uploads.HoldoutRule", "fraction", [1e-9, 0.999999], [0, 1, -0.5, 1.5]),
    ("uploads.StudyRules", "minimum_rows", [5], [4, 0, -5]),
    ("uploads.StudyRules", "small_cell", [5], [4, 0]),
    ("uploads.StudyRules", "round_to", [5], [4, 0]),
    ("uploads.StudyRules", "min_events", [5], [4, 0]),
    ("uploads.StudyRules", "curve_events", [5], [4, 0]),
    ("uploads.StudyRules", "agents_must_approve", [0, 9], [-1, 10]),
    ("uploads.BlockManifest", "index", [0], [-1]),
    ("uploads.BlockManifest", "role", ["train", "holdout"], ["test", ""]),
    ("uploads.BlockManifest", "patients", [1], [0]),
    ("uploads.BlockManifest", "bytes", [1], [0]),
    ("uploads.BatchManifest", "patients", [1], [0]),
    ("uploads.BatchManifest", "columns", [["intercept", "age"]], [[], ["intercept"]]),
    ("uploads.BatchManifest", "blocks", [[example("uploads.BlockManifest")]], [[]]),
    ("uploads.BatchManifest", "order_digest", ["", DIGEST], ["0"]),
    ("verdicts.AgentVerdict", "version", [1, 1_000_000], [0, 1_000_001]),
    ("verdicts.AgentVerdict", "job", ["x" * 100], ["x" * 101]),
    ("verdicts.AgentVerdict", "release", ["x" * 100], ["x" * 101]),
    ("verdicts.SignedVerdict", "jws", ["a" * 8000], ["a" * 8001, ""]),
    ("verdicts.VerdictTask", "needed", [1, 9], [0, 10]),
    ("verdicts.VerdictTask", "answered", [{}, {"9": "reject"}], [{"0": "approve"}, {"10": "approve"}, {"1": "no"}]),
]
TAKEN = [(name, field, value) for name, field, taken, _ in BOUNDS for value in taken]
REFUSED = [(name, field, value) for name, field, _, refused in BOUNDS for value in refused]


@pytest.mark.parametrize(("name", "field", "value"), TAKEN)
def test_a_field_takes_what_lies_at_its_bound(name: str, field: str, value: object) -> None:
    message = model(name).model_validate(example(name, **{field: value}))
    assert message.model_dump(mode="json")[field] == value


@pytest.mark.parametrize(("name", "field", "value"), REFUSED)
def test_a_field_refuses_what_lies_beyond_its_bound(name: str, field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        model(name).model_validate(example(name, **{field: value}))
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


# ---- a name is read beside a fingerprint -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trick",
    ["\x1b[2J", "\r", "\n", "\t", "\x00", "\x7f", "\x9b31m", "\u2028", "\u2029", "\u202e", "\u2066", "\u2069"],
)
@pytest.mark.parametrize("place", ["{}North", "No{}rth", "North{}"])
def test_a_card_whose_name_could_rewrite_the_terminal_is_refused(trick: str, place: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        AgentCard.model_validate(example("threshold.AgentCard", name=place.format(trick)))


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=120))
def test_a_card_takes_a_name_in_any_script(name: str) -> None:
    assert AgentCard.model_validate(example("threshold.AgentCard", name=name)).name == name


# ---- a sharing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "threshold"), [(2, 2), (3, 2), (3, 3), (5, 3), (5, 5)])
def test_a_sharing_among_as_many_as_must_open_or_more_is_one(count: int, threshold: int) -> None:
    assert sharing(seats=seats(count), threshold=threshold).threshold == threshold


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"threshold": 4}, "4 hospitals must open together and there are 3"),
        ({"threshold": 1}, "threshold"),
        ({"threshold": 10}, "threshold"),
        ({"epoch": 0}, "epoch"),
        ({"seats": []}, "seats"),
        ({"seats": seats(1)}, "seats"),
        ({"seats": seats()[::-1]}, "numbered"),
        ({"seats": seats()[1:]}, "numbered"),
        ({"seats": [seats()[0], seats()[0], seats()[2]]}, "numbered"),
        ({"seats": [{"point": at, "card": agent().card.model_dump()} for at in (1, 2)]}, "two seats"),
        ({"study": "another"}, "another study"),
        ({"expires_on": "soon"}, "expires_on"),
    ],
)
def test_a_sharing_that_cannot_be_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        sharing(**changes)


def test_a_hospital_with_two_cards_has_no_two_seats() -> None:
    twice = agent("south").named(institution="north").card
    with pytest.raises(ValidationError, match="two seats"):
        sharing(seats=[seats()[0], {"point": 2, "card": twice.model_dump()}])


@pytest.mark.parametrize(
    "changes",
    [
        {"profile": "N13_L4"},
        {"key_fingerprint": OTHER},
        {"epoch": 2},
        {"threshold": 3},
        {"seats": seats(4)},
        {"expires_on": date(2027, 1, 2)},
    ],
)
def test_a_sharing_has_another_digest_when_anything_in_it_is_another(changes: dict[str, object]) -> None:
    assert sharing(**changes).digest != sharing().digest
    assert Sharing.model_validate_json(sharing(**changes).model_dump_json()).digest == sharing(**changes).digest


@pytest.mark.parametrize("field", ["study", "institution", "name", "signing", "agreement"])
def test_a_card_has_another_fingerprint_when_anything_on_it_is_another(field: str) -> None:
    other = {"study": "s2", "institution": "south", "name": "North", "signing": agent("south").card.signing}
    changed = agent().named(**{field: (other | {"agreement": agent("south").card.agreement})[field]}).card
    assert changed.fingerprint != agent().card.fingerprint


def test_a_card_whose_two_keys_are_exchanged_is_another_card() -> None:
    card = agent().card
    assert agent().named(signing=card.agreement, agreement=card.signing).card.fingerprint != card.fingerprint


# ---- a re-sharing ----------------------------------------------------------------------------------------------------


def resharing(old: Sharing | None = None, dealers: list[int] | None = None, **changes: object) -> Resharing:
    new = sharing(**{"epoch": 2, "seats": seats(5), "threshold": 3} | changes)
    return Resharing(old=old or sharing(), new=new, dealers=dealers or [1, 3])


@pytest.mark.parametrize("dealers", [[1, 2], [2, 1], [1, 3], [3, 2]])
def test_any_k_old_hospitals_may_deal(dealers: list[int]) -> None:
    assert resharing(dealers=dealers).dealers == dealers


@pytest.mark.parametrize("dealers", [[1], [1, 1], [1, 2, 3], [1, 4], [4, 5], [0, 1], [1, 10]])
def test_dealers_that_are_too_few_twice_the_same_or_foreign_are_refused(dealers: list[int]) -> None:
    with pytest.raises(ValidationError):
        resharing(dealers=dealers)


@pytest.mark.parametrize("epoch", [1, 3, 4, 1000])
def test_a_resharing_that_skips_or_repeats_an_epoch_is_refused(epoch: int) -> None:
    with pytest.raises(ValidationError, match=f"epoch {epoch} does not follow 1"):
        resharing(epoch=epoch)


@pytest.mark.parametrize("changes", [{"profile": "N13_L4"}, {"key_fingerprint": OTHER}])
def test_a_resharing_of_another_key_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="another key"):
        resharing(**changes)


def test_a_resharing_has_another_digest_with_other_dealers() -> None:
    assert resharing(dealers=[1, 2]).digest != resharing(dealers=[1, 3]).digest


# ---- either, or ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sealed", "refused"), [("", ""), (COMPACT, "no")])
def test_a_hospital_answers_or_says_why_not_but_never_both_or_neither(sealed: str, refused: str) -> None:
    with pytest.raises(ValidationError, match="either answers or says why not"):
        PartialNote.model_validate(example("threshold.PartialNote", sealed=sealed, refused=refused))


@pytest.mark.parametrize(("says", "reason"), [("reject", ""), ("reject", " \n\t"), ("approve", "because")])
def test_who_rejects_says_why_and_who_approves_does_not(says: str, reason: str) -> None:
    with pytest.raises(ValidationError, match="who rejects says why"):
        verdict(says=says, reason=reason)


def test_a_reason_is_at_most_a_thousand_characters() -> None:
    assert len(verdict(says="reject", reason="x" * 1000).reason) == 1000
    with pytest.raises(ValidationError, match="reason"):
        verdict(says="reject", reason="x" * 1001)


def test_a_verdict_has_one_digest_however_often_it_is_read() -> None:
    assert AgentVerdict.model_validate_json(verdict().model_dump_json()).sha256 == verdict().sha256
    assert verdict(version=2).sha256 != verdict().sha256


def test_the_batches_that_a_new_key_outdates_are_added_up() -> None:
    share = example("requests.OutdatedShare")
    effect = RotationEffect.model_validate(example("requests.RotationEffect", outdated=[share, share | {"batches": 5}]))
    assert effect.batches == 7


# ---- nothing secret is printed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("threshold.NoiseKey", "0f" * 32),
        ("threshold.SharedPiece", "AAAA"),
        ("threshold.PartialOpening", str(2**53 + 1)),
        ("threshold.PartialNote", COMPACT),
    ],
)
def test_a_message_with_a_secret_does_not_print_it(name: str, secret: str) -> None:
    message = model(name).model_validate(example(name))
    assert secret not in repr(message)
    assert secret not in str(message)
