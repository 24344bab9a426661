"""The envelope: what is written is read, in pieces, and nothing else is."""

import hashlib
import io
import json
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.errors import EnvelopeInvalid
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from tests.words.raises import says

LABEL = Label("block", "mortality", "N14_L9", "a" * 64)


def _with_header(value: object) -> bytes:
    text = value if isinstance(value, bytes) else envelope.canonical_json(value)
    return envelope.MAGIC + struct.pack("<I", len(text)) + text


def _header(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        **vars(LABEL),
        "payload_bytes": 3,
        "payload_sha256": hashlib.sha256(b"abc").hexdigest(),
        "items": [3],
        "meta": {},
    }
    return fields | changes


@given(
    items=st.lists(st.binary(min_size=1, max_size=200), max_size=6), number=st.floats(allow_nan=False) | st.integers()
)
@settings(deadline=None)
def test_items_and_meta_survive(items: list[bytes], number: float) -> None:
    if number in (float("inf"), float("-inf")):
        number = 0.5

    back = envelope.from_bytes(envelope.to_bytes(LABEL, items, {"number": number}), LABEL)

    assert (list(back.items), back.header.meta) == (items, {"number": number})
    assert back.header.payload_sha256 == hashlib.sha256(b"".join(items)).hexdigest()


def test_written_tells_size_and_digest_of_the_whole_file() -> None:
    stream = io.BytesIO()

    written = envelope.write(stream, LABEL, [b"abc", b"d"])

    assert written.bytes == len(stream.getvalue())
    assert written.sha256 == hashlib.sha256(stream.getvalue()).hexdigest()


def test_header_is_read_without_touching_the_payload() -> None:
    stream = io.BytesIO(envelope.to_bytes(LABEL, [b"abc"]))

    header = envelope.read_header(stream)

    assert (header.items, stream.read()) == ([3], b"abc")


def test_items_are_handed_out_one_at_a_time() -> None:
    class Watched(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.largest = max(self.largest, len(data))
            return data

    stream = Watched(envelope.to_bytes(LABEL, [bytes([n]) * 100_000 for n in range(30)]))
    header = envelope.verify(stream)
    stream.seek(0)
    envelope.read_header(stream)

    assert [item[0] for item in envelope.iterate(stream, header)] == list(range(30))
    assert stream.largest <= 1024 * 1024


def test_writer_takes_items_from_a_generator() -> None:
    def items() -> Iterator[bytes]:
        yield b"abc"
        yield b"de"

    header, back = envelope.iterate_verified(io.BytesIO(envelope.to_bytes(LABEL, items())))

    assert (header.items, list(back)) == ([3, 2], [b"abc", b"de"])


@given(cut=st.floats(0, 1, exclude_max=True))
@settings(deadline=None)
def test_truncation_at_any_byte_is_refused(cut: float) -> None:
    whole = envelope.to_bytes(LABEL, [b"abc" * 50], {"index": 1})

    with pytest.raises(EnvelopeInvalid):
        envelope.verify(io.BytesIO(whole[: int(cut * len(whole))]))


@given(position=st.integers(0, 149), bit=st.integers(0, 7))
def test_flipped_payload_bit_is_refused(position: int, bit: int) -> None:
    data = bytearray(envelope.to_bytes(LABEL, [b"abc" * 50]))
    data[len(data) - 1 - position] ^= 1 << bit

    with says("protocol.envelope_digest", EnvelopeInvalid):
        envelope.from_bytes(bytes(data))


@given(data=st.binary(max_size=100))
def test_random_bytes_are_refused(data: bytes) -> None:
    for attempt in (data, envelope.MAGIC + data, _with_header(data)):
        with pytest.raises(EnvelopeInvalid):
            envelope.from_bytes(attempt)


def test_trailing_bytes_are_refused() -> None:
    with says("protocol.envelope_trailing", EnvelopeInvalid, size=3):
        envelope.verify(io.BytesIO(envelope.to_bytes(LABEL, [b"abc"]) + b"x"))


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (Label("totals", "mortality", "N14_L9", "a" * 64), "kind"),
        (Label("block", "other", "N14_L9", "a" * 64), "study"),
        (Label("block", "mortality", "N13_L4", "a" * 64), "profile"),
        (Label("block", "mortality", "N14_L9", "b" * 64), "key_fingerprint"),
    ],
)
def test_envelope_of_another_study_ring_or_key_is_refused(wanted: Label, name: str) -> None:
    with says("protocol.envelope_label", EnvelopeInvalid, name=name):
        envelope.from_bytes(envelope.to_bytes(LABEL, [b"abc"]), wanted)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"payload_bytes": 4}, "header"),
        ({"items": [0, 3]}, "items.0"),
        ({"kind": "secret-key"}, "kind"),
        ({"key_fingerprint": ""}, "header"),
        ({"payload_sha256": "zz"}, "payload_sha256"),
        ({"extra": 1}, "extra"),
    ],
)
def test_header_that_breaks_a_rule_is_refused_with_the_field(changes: dict[str, object], place: str) -> None:
    with says("protocol.field", EnvelopeInvalid, place=place):
        envelope.from_bytes(_with_header(_header(**changes)) + b"abc")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(_header()).encode(),
        envelope.canonical_json(_header()).replace(b'"meta":{}', b'"meta":{},"meta":{}'),
        envelope.canonical_json(_header()).replace(b'"meta":{}', b'"meta":{"x":NaN}'),
        b"[" * 60_000,
        "{}é".encode(),
    ],
    ids=["spaces", "duplicate key", "NaN", "deep nesting", "not ASCII"],
)
def test_header_that_is_not_canonical_json_is_refused(text: bytes) -> None:
    with says("protocol.envelope_header", EnvelopeInvalid):
        envelope.from_bytes(_with_header(text) + b"abc")


def test_header_beyond_its_limit_is_refused_before_it_is_read() -> None:
    announced = envelope.MAGIC + struct.pack("<I", 2**31)

    with says("protocol.header_announced", EnvelopeInvalid, length=2147483648, limit=1048576):
        envelope.read_header(io.BytesIO(announced))


def test_only_totals_and_scores_may_have_a_large_header() -> None:
    meta = {"names": ["x" * 20] * 5000}
    totals = Label("totals", "mortality", "N14_L9", "a" * 64)

    assert envelope.from_bytes(envelope.to_bytes(totals, [b"abc"], meta), totals).header.meta == meta
    with says("protocol.envelope_header_long", EnvelopeInvalid, limit=65536):
        envelope.to_bytes(LABEL, [b"abc"], meta)


def test_only_a_public_key_travels_without_a_fingerprint() -> None:
    envelope.to_bytes(Label("public-key", "mortality", "N14_L9"), [b"key"])

    with says("protocol.field", EnvelopeInvalid, place="header"):
        envelope.to_bytes(Label("block", "mortality", "N14_L9"), [b"abc"])
