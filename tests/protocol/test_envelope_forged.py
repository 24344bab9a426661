"""Envelopes from an attacker or a broken disk: each field wrong, cut anywhere, longer or larger than they say."""

import hashlib
import io
import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.errors import EnvelopeInvalid
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import HEADER_LIMIT_BYTES, LARGE_HEADER_LIMIT_BYTES, MAGIC, PREFIX_BYTES, Label
from tests.words.raises import says

LABEL = Label("block", "mortality", "N14_L9", "a" * 64)
ITEMS = [b"abc", b"de"]
PAYLOAD = b"".join(ITEMS)
KINDS = ["block", "public-key", "relinearisation-key", "totals", "scores", "answer", "partial"]
LARGE_KINDS = ["totals", "scores", "answer", "partial"]

Reader = Callable[[bytes], object]


def read_in_pieces(data: bytes) -> list[bytes]:
    stream = io.BytesIO(data)
    return list(envelope.iterate(stream, envelope.read_header(stream)))


def read_verified(data: bytes) -> list[bytes]:
    return list(envelope.iterate_verified(io.BytesIO(data))[1])


READERS: list[Reader] = [
    envelope.from_bytes,
    lambda data: envelope.verify(io.BytesIO(data)),
    read_in_pieces,
    read_verified,
]
every_reader = pytest.mark.parametrize("read", READERS, ids=["from_bytes", "verify", "iterate", "iterate_verified"])


def fields(**changes: object) -> dict[str, Any]:
    honest: dict[str, Any] = {
        **vars(LABEL),
        "payload_bytes": len(PAYLOAD),
        "payload_sha256": hashlib.sha256(PAYLOAD).hexdigest(),
        "items": [len(item) for item in ITEMS],
        "meta": {"index": 1},
    }
    return honest | changes


def forged(header: object, payload: bytes = PAYLOAD, magic: bytes = MAGIC) -> bytes:
    text = header if isinstance(header, bytes) else envelope.canonical_json(header)
    return magic + struct.pack("<I", len(text)) + text + payload


class Trickle(io.BytesIO):
    """A network that hands over one byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1 if size is None or size > 1 else size)


# ---- honest envelopes ------------------------------------------------------------------------------------------------


@every_reader
def test_a_forger_who_makes_no_mistake_has_written_an_envelope(read: Reader) -> None:
    """So that each refusal below is due to what it changes."""
    assert forged(fields()) == envelope.to_bytes(LABEL, ITEMS, {"index": 1})
    assert read(forged(fields()))


@pytest.mark.parametrize("kind", KINDS)
def test_an_envelope_of_every_kind_comes_back(kind: Any) -> None:
    label = Label(kind, "mortality", "N14_L9", "a" * 64)
    back = envelope.from_bytes(envelope.to_bytes(label, ITEMS), label)
    assert (back.header.kind, list(back.items)) == (kind, ITEMS)


def test_an_envelope_without_items_is_an_empty_one() -> None:
    header, items = envelope.iterate_verified(io.BytesIO(envelope.to_bytes(LABEL, [])))
    assert (header.payload_bytes, list(items)) == (0, [])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
@settings(max_examples=30, deadline=None)
def test_an_envelope_that_arrives_byte_by_byte_is_the_same(items: list[bytes]) -> None:
    stream = Trickle(envelope.to_bytes(LABEL, items))
    header = envelope.verify(stream)
    stream.seek(0)
    assert envelope.read_header(stream) == header
    assert list(envelope.iterate(stream, header)) == items


def test_an_envelope_in_the_middle_of_a_file_is_read_from_there() -> None:
    stream = io.BytesIO(b"before" + envelope.to_bytes(LABEL, ITEMS))
    stream.seek(6)
    assert list(envelope.iterate_verified(stream)[1]) == ITEMS


def test_the_same_items_give_the_same_bytes_in_any_order_of_meta() -> None:
    one, other = ({"a": 1, "b": [1.5, None]}, {"b": [1.5, None], "a": 1})
    assert envelope.to_bytes(LABEL, ITEMS, one) == envelope.to_bytes(LABEL, ITEMS, other)


# ---- the spool -------------------------------------------------------------------------------------------------------


class Watched(io.BytesIO):
    """Remembers the largest piece that was written to it."""

    largest = 0

    def write(self, data: Any) -> int:
        self.largest = max(self.largest, len(data))
        return super().write(data)


def test_items_wait_in_the_spool_that_was_given() -> None:
    spool, out = Watched(), io.BytesIO()
    written = envelope.write(out, LABEL, ITEMS, {"index": 1}, spool)
    assert spool.getvalue() == PAYLOAD
    assert out.getvalue() == envelope.to_bytes(LABEL, ITEMS, {"index": 1})
    assert written.bytes == len(out.getvalue())


def test_a_payload_leaves_the_spool_in_small_pieces() -> None:
    out = Watched()
    envelope.write(out, LABEL, [bytes([n]) * 700_000 for n in range(5)], None, io.BytesIO())
    assert out.largest <= 1024 * 1024
    assert envelope.from_bytes(out.getvalue()).items[4] == b"\x04" * 700_000


def test_nothing_is_written_when_the_items_break_off() -> None:
    def items() -> Iterator[bytes]:
        yield b"abc"
        raise OSError("the disk is gone")

    out = io.BytesIO()
    with pytest.raises(OSError, match="gone"):
        envelope.write(out, LABEL, items())
    assert out.getvalue() == b""


@pytest.mark.parametrize(
    "label",
    [
        Label("secret-key", "mortality", "N14_L9", "a" * 64),  # type: ignore[arg-type]
        Label("block", "../etc", "N14_L9", "a" * 64),
        Label("block", "mortality", "", "a" * 64),
        Label("block", "mortality", "N" * 65, "a" * 64),
        Label("block", "mortality", "N14_L9", "A" * 64),
        Label("block", "mortality", "N14_L9", ""),
    ],
)
def test_a_label_that_no_reader_would_take_is_not_written(label: Label) -> None:
    out = io.BytesIO()
    with says("protocol.envelope_fields", EnvelopeInvalid):
        envelope.write(out, label, ITEMS)
    assert out.getvalue() == b""


@pytest.mark.parametrize("items", [[b""], [b"abc", b""], [b"", b"abc"]])
def test_an_empty_item_is_not_written(items: list[bytes]) -> None:
    with says("protocol.envelope_fields", EnvelopeInvalid):
        envelope.to_bytes(LABEL, items)


# ---- headers ---------------------------------------------------------------------------------------------------------


@every_reader
@pytest.mark.parametrize(
    "magic", [b"HEFED\x02\r\n", b"HEFED\x01\n\n", b"hefed\x01\r\n", bytes(8), b"PK\x03\x04\x14\0\0\0", MAGIC[::-1]]
)
def test_a_file_that_begins_otherwise_is_refused(read: Reader, magic: bytes) -> None:
    with says("protocol.no_envelope", EnvelopeInvalid):
        read(forged(fields(), magic=magic))


WRONG_FIELDS: list[tuple[str, object]] = [
    *(("kind", value) for value in ("", "Block", "secret-key", None, 1, ["block"])),
    *(("study", value) for value in ("", "../x", "a b", "x" * 64, "a\u0000", None, 7)),
    *(("profile", value) for value in ("", "N" * 65, None, 14)),
    *(("key_fingerprint", value) for value in ("a" * 63, "A" * 64, "a" * 64 + "\n", None, 0)),
    *(("payload_bytes", value) for value in (-1, 5.5, "5", None, True, 10**40)),
    *(("payload_sha256", value) for value in ("", "0" * 63, "g" * 64, None)),
    *(("items", value) for value in ([5, 0], [-1, 6], [2.5, 2.5], ["5"], [None], 5, {"0": 5}, None)),
    *(("meta", value) for value in (None, [], "", 1)),
]


@every_reader
@pytest.mark.parametrize(("name", "value"), WRONG_FIELDS)
def test_a_header_with_one_wrong_field_is_refused(read: Reader, name: str, value: object) -> None:
    with says("protocol.envelope_header", EnvelopeInvalid):
        read(forged(fields(**{name: value})))


@pytest.mark.parametrize("name", sorted(fields()))
def test_a_header_without_one_of_its_fields_is_refused(name: str) -> None:
    left = {key: value for key, value in fields().items() if key != name}
    with says("protocol.field", EnvelopeInvalid, place=name):
        envelope.from_bytes(forged(left))


@pytest.mark.parametrize("items", [[], [5], [2, 3], [1, 1, 1, 1, 1]])
def test_any_cutting_of_the_payload_into_items_is_read_as_it_is_told(items: list[int]) -> None:
    payload = PAYLOAD[: sum(items)]
    told = fields(items=items, payload_bytes=len(payload), payload_sha256=hashlib.sha256(payload).hexdigest())
    assert [len(item) for item in envelope.from_bytes(forged(told, payload)).items] == items


@pytest.mark.parametrize("items", [[], [4], [6], [3, 3], [5, 5], [2**63, 1], [10**30]])
def test_items_that_do_not_add_up_to_the_payload_are_refused(items: list[int]) -> None:
    with says("protocol.field", EnvelopeInvalid, place="header"):
        envelope.from_bytes(forged(fields(items=items)))


@every_reader
@pytest.mark.parametrize("size", [6, 2**31, 2**62, 2**63, 2**64, 10**30])
def test_a_payload_announced_larger_than_it_is_ends_early(read: Reader, size: int) -> None:
    """Also where the number is beyond any memory, or any number of the machine."""
    with says("protocol.envelope_cut", EnvelopeInvalid):
        read(forged(fields(items=[size], payload_bytes=size)))


@every_reader
def test_a_payload_announced_smaller_than_it_is_has_bytes_behind_it(read: Reader) -> None:
    with says("protocol.envelope_trailing", EnvelopeInvalid, size=4):
        read(forged(fields(items=[4], payload_bytes=4)))


@every_reader
def test_a_digest_of_another_payload_is_refused(read: Reader) -> None:
    with says("protocol.envelope_digest", EnvelopeInvalid):
        read(forged(fields(payload_sha256=hashlib.sha256(b"other").hexdigest())))


def test_verified_items_are_not_handed_out_before_the_digest_matched() -> None:
    with says("protocol.envelope_digest", EnvelopeInvalid):
        envelope.iterate_verified(io.BytesIO(forged(fields(), PAYLOAD[::-1])))


CANONICAL = envelope.canonical_json(fields())


@every_reader
@pytest.mark.parametrize(
    "text",
    [
        b" " + CANONICAL,
        CANONICAL + b"\n",
        json.dumps(fields(), separators=(",", ":")).encode(),
        CANONICAL.replace(b'"index":1', b'"index":1.0e0'),
        CANONICAL.replace(b'"index":1', b'"index":1,"index":1'),
        CANONICAL.replace(b'"index":1', b'"\\u0069ndex":1'),
        CANONICAL.replace(b'"index":1', b'"index":1e999'),
        CANONICAL.replace(b'"index":1', b'"index":-Infinity'),
        CANONICAL.replace(b'"index":1', b'"index":' + b"9" * 5000),
        CANONICAL.replace(b'"payload_bytes":5', b'"payload_bytes":5.0'),
        CANONICAL.replace(b'"payload_bytes":5', b'"payload_bytes":"5"'),
        CANONICAL.replace(b'"kind":"block"', b'"kind":"totals","kind":"block"'),
        CANONICAL.replace(b"mortality", "mortalit\u00e9".encode()),
        CANONICAL[:-1],
        b"",
        b"null",
        b"\x00" * 20,
    ],
)
def test_a_header_in_any_but_the_canonical_text_is_refused(read: Reader, text: bytes) -> None:
    with says("protocol.envelope_header", EnvelopeInvalid):
        read(forged(text))


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_is_read_up_to_the_limit_of_its_kind_and_not_beyond(kind: str) -> None:
    limit = LARGE_HEADER_LIMIT_BYTES if kind in LARGE_KINDS else HEADER_LIMIT_BYTES
    room = limit - len(envelope.canonical_json(fields(kind=kind, meta={"x": ""})))
    at, beyond = (fields(kind=kind, meta={"x": "x" * (room + more)}) for more in (0, 1))
    assert len(envelope.from_bytes(forged(at)).items) == 2
    with says("protocol.envelope_header", EnvelopeInvalid):
        envelope.from_bytes(forged(beyond))
    with says("protocol.envelope_header_long", EnvelopeInvalid, found=limit + 1, limit=limit):
        envelope.to_bytes(Label(kind, *list(vars(LABEL).values())[1:]), ITEMS, beyond["meta"])  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [LARGE_HEADER_LIMIT_BYTES + 1, 2**31 - 1, 2**31, 2**32 - 1])
def test_a_header_announced_beyond_every_limit_is_refused_unread(length: int) -> None:
    stream = io.BytesIO(MAGIC + struct.pack("<I", length) + b"x" * 100)
    with says("protocol.header_announced", EnvelopeInvalid, length=length):
        envelope.read_header(stream)
    assert stream.tell() == PREFIX_BYTES


# ---- cut, and longer -------------------------------------------------------------------------------------------------


@every_reader
def test_an_envelope_cut_at_any_byte_is_refused(read: Reader) -> None:
    whole = forged(fields())
    for length in range(len(whole)):
        with says("protocol.envelope_cut", EnvelopeInvalid):
            read(whole[:length])


@every_reader
@pytest.mark.parametrize("more", [b"\0", b"\n", b"abc", MAGIC, forged(fields())])
def test_bytes_behind_the_payload_are_refused(read: Reader, more: bytes) -> None:
    with says("protocol.envelope_trailing", EnvelopeInvalid, size=len(PAYLOAD)):
        read(forged(fields()) + more)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    """But for the label and the meta, which a reader compares with what it asked for."""
    whole = bytearray(forged(fields()))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = envelope.from_bytes(bytes(whole), LABEL)
    except EnvelopeInvalid:
        return
    assert found.items == tuple(ITEMS)
    assert found.header.meta != {"index": 1}


# ---- the label -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [kind for kind in KINDS if kind != "block"])
def test_an_envelope_of_one_kind_is_not_taken_for_another(other: Any) -> None:
    data = envelope.to_bytes(LABEL, ITEMS)
    wanted = Label(other, LABEL.study, LABEL.profile, LABEL.key_fingerprint)
    for read in (envelope.from_bytes, _verify, _iterate_verified):
        with says("protocol.envelope_label", EnvelopeInvalid, name="kind", found="block", wanted=other):
            read(data, wanted)


def _verify(data: bytes, wanted: Label) -> object:
    return envelope.verify(io.BytesIO(data), wanted)


def _iterate_verified(data: bytes, wanted: Label) -> object:
    return envelope.iterate_verified(io.BytesIO(data), wanted)


def test_a_public_key_under_a_fingerprint_is_not_one_without() -> None:
    with_print = Label("public-key", "mortality", "N14_L9", "a" * 64)
    without = Label("public-key", "mortality", "N14_L9")
    with says("protocol.envelope_label", EnvelopeInvalid, name="key_fingerprint", wanted="empty"):
        envelope.from_bytes(envelope.to_bytes(with_print, ITEMS), without)
    with says("protocol.envelope_label", EnvelopeInvalid, name="key_fingerprint", found="empty"):
        envelope.from_bytes(envelope.to_bytes(without, ITEMS), with_print)


def test_a_wrong_label_is_noticed_before_the_payload_is_read() -> None:
    stream = io.BytesIO(envelope.to_bytes(LABEL, [b"x" * 1000]))
    with says("protocol.envelope_label", EnvelopeInvalid):
        envelope.verify(stream, Label("block", "other", "N14_L9", "a" * 64))
    assert len(stream.read()) == 1000


# ---- canonical JSON --------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(max_examples=50, deadline=None)
def test_canonical_json_is_ascii_and_reads_back_to_itself(value: object) -> None:
    text = envelope.canonical_json(value)
    assert text.isascii()
    assert envelope.canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(max_size=5), json_values, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, object], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert envelope.canonical_json({key: value[key] for key in keys}) == envelope.canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"x": [float("-inf")]}])
def test_canonical_json_has_no_text_for_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        envelope.canonical_json(value)
