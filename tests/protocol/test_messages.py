"""What holds for every message between the parties: it is what its sender wrote, whole, and nothing besides."""

import json
import math
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import ValidationError

from hefed.core.protocol.envelope import canonical_json
from tests.protocol.examples import EXAMPLES, example, model, models, places, replaced

every_message = pytest.mark.parametrize("name", sorted(EXAMPLES))
DIGEST_TEXTS = {"ab" * 32, "cd" * 32}
WRONG_DIGESTS = ("AB" * 32, "ab" * 31, "ab" * 33, "ab" * 31 + "ag", "ab" * 32 + "\n", "\u0661" * 64, " " + "ab" * 32)
FLOAT_FIELDS = [
    (name, path)
    for name in sorted(EXAMPLES)
    if name != "envelope.Header"
    for path, value in places(EXAMPLES[name])
    if isinstance(value, float)
]
DIGEST_FIELDS = [
    (name, path) for name in sorted(EXAMPLES) for path, value in places(EXAMPLES[name]) if value in DIGEST_TEXTS
]
SLUG_FIELDS = [
    (name, path)
    for name in sorted(EXAMPLES)
    for path, value in places(EXAMPLES[name])
    if path[-1:] in {("study",), ("institution",)} and isinstance(value, str)
]


def formats() -> list[tuple[str, str]]:
    found = [(name, EXAMPLES[name].get("format")) for name in sorted(EXAMPLES)]
    return [(name, text) for name, text in found if text is not None]


def wrong_type(value: object) -> object:
    """A value of a type that no field with this one takes."""
    return {"nested": 1} if not isinstance(value, dict) else [1]


def test_every_message_has_an_example_here() -> None:
    assert set(models()) == set(EXAMPLES)


@every_message
def test_a_message_comes_back_from_json_as_the_same_bytes(name: str) -> None:
    sent = canonical_json(model(name).model_validate(example(name)).model_dump(mode="json"))
    again = model(name).model_validate_json(sent)
    assert canonical_json(again.model_dump(mode="json")) == sent
    assert again == model(name).model_validate(example(name))


@every_message
def test_a_message_says_in_json_exactly_what_its_sender_wrote(name: str) -> None:
    assert model(name).model_validate(example(name)).model_dump(mode="json") == example(name)


@every_message
def test_a_message_in_another_order_of_fields_has_the_same_canonical_bytes(name: str) -> None:
    turned = dict(reversed(example(name).items()))
    both = [model(name).model_validate(fields).model_dump(mode="json") for fields in (example(name), turned)]
    assert canonical_json(both[0]) == canonical_json(both[1])


@every_message
def test_a_message_with_a_field_that_it_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        model(name).model_validate(example(name, d="secret"))


@every_message
def test_a_message_without_one_of_its_fields_is_refused(name: str) -> None:
    required = [field for field, info in model(name).model_fields.items() if info.is_required()]
    for field in required:
        left = {key: value for key, value in example(name).items() if key != field}
        with pytest.raises(ValidationError, match="missing"):
            model(name).model_validate(left)


@every_message
def test_a_message_with_one_field_of_another_type_is_refused(name: str) -> None:
    for field, value in example(name).items():
        if not isinstance(value, dict):
            with pytest.raises(ValidationError):
                model(name).model_validate(example(name, **{field: wrong_type(value)}))


@every_message
def test_a_message_cannot_be_changed_after_it_was_checked(name: str) -> None:
    message = model(name).model_validate(example(name))
    for field in type(message).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(message, field, getattr(message, field))
    assert message == model(name).model_validate(example(name))


@every_message
@pytest.mark.parametrize("text", [b"", b"null", b"[]", b'"text"', b"1", b"{", b"{}x", b"\xff\xfe", b"\x00"])
def test_bytes_that_are_no_json_object_are_no_message(name: str, text: bytes) -> None:
    with pytest.raises(ValidationError):
        model(name).model_validate_json(text)


@pytest.mark.parametrize(("name", "text"), formats())
def test_a_message_of_another_format_is_refused(name: str, text: str) -> None:
    later = f"{text.rpartition('/')[0]}/2"
    for other in (later, text.upper(), "", text + " ", "hefed-other/1"):
        with pytest.raises(ValidationError, match="format"):
            model(name).model_validate(example(name, format=other))


def test_no_two_messages_have_one_format() -> None:
    named = [text for _, text in formats()]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(("name", "path"), FLOAT_FIELDS)
def test_neither_nan_nor_infinity_is_taken_for_a_number(name: str, path: tuple[str | int, ...]) -> None:
    for number in (math.nan, math.inf, -math.inf):
        fields = replaced(example(name), path, number)
        with pytest.raises(ValidationError, match="finite"):
            model(name).model_validate(fields)
        with pytest.raises(ValidationError, match="finite"):
            model(name).model_validate_json(json.dumps(fields))


@pytest.mark.parametrize("number", [5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1 + 0.2])
def test_an_extreme_number_comes_back_bit_by_bit(number: float) -> None:
    fields = example("results.Intercept", estimate=number)
    sent = canonical_json(model("results.Intercept").model_validate(fields).model_dump(mode="json"))
    assert model("results.Intercept").model_validate_json(sent).model_dump()["estimate"].hex() == number.hex()


@pytest.mark.parametrize(("name", "path"), DIGEST_FIELDS)
def test_a_digest_is_64_lower_hexadecimal_digits_and_nothing_else(name: str, path: tuple[str | int, ...]) -> None:
    for wrong in WRONG_DIGESTS:
        with pytest.raises(ValidationError):
            model(name).model_validate(replaced(example(name), path, wrong))


@pytest.mark.parametrize("field", ["totals", "slots"])
@pytest.mark.parametrize("wrong", WRONG_DIGESTS)
def test_a_partial_opening_names_what_it_opens_by_digests(field: str, wrong: str) -> None:
    value: Any = {"totals": 1, "slots": "AAAA"}[field]
    with pytest.raises(ValidationError):
        model("threshold.PartialOpening").model_validate(example("threshold.PartialOpening", **{field: {wrong: value}}))


@pytest.mark.parametrize(("name", "path"), SLUG_FIELDS)
def test_a_study_or_hospital_is_named_by_a_short_word_without_paths(name: str, path: tuple[str | int, ...]) -> None:
    for wrong in ("", "../etc", "a/b", "a\\b", ".hidden", "-rf", "a b", "a\x00", "a\n", "\x1b[2J", "é", "a" * 64):
        with pytest.raises(ValidationError):
            model(name).model_validate(replaced(example(name), path, wrong))


@every_message
def test_a_field_with_fixed_words_takes_no_other(name: str) -> None:
    for field, info in model(name).model_fields.items():
        if get_origin(info.annotation) is Literal and all(isinstance(word, str) for word in get_args(info.annotation)):
            known = get_args(info.annotation)
            for wrong in {"", "other", known[0].upper() + " "} - set(known):
                with pytest.raises(ValidationError):
                    model(name).model_validate(example(name, **{field: wrong}))
