"""The envelope in which bytes travel: magic, a small canonical JSON header, then items one after the other.

Pure and streaming: a reader never holds more than one item, and believes nothing before the digest matches.
"""

import hashlib
import io
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, BinaryIO, Literal, NoReturn

from pydantic import Field, JsonValue, ValidationError, model_validator

from hefed.core.errors import EnvelopeInvalid
from hefed.core.protocol.base import Digest, Message, Slug
from hefed.core.words import Said

MAGIC = b"HEFED\x01\r\n"
HEADER_LIMIT_BYTES = 64 * 1024
LARGE_HEADER_LIMIT_BYTES = 1024 * 1024
PREFIX_BYTES = len(MAGIC) + 4

Kind = Literal["block", "public-key", "relinearisation-key", "totals", "scores", "answer", "partial"]
_LARGE_KINDS: frozenset[Kind] = frozenset({"totals", "scores", "partial", "answer"})  # names per total; result's curves
_CHUNK_BYTES = 1024 * 1024


class Header(Message):
    """What an envelope says of its payload. ``key_fingerprint`` is empty only in a ``public-key`` envelope."""

    kind: Kind
    study: Slug
    profile: Annotated[str, Field(min_length=1, max_length=64)]
    key_fingerprint: Digest | Literal[""]
    payload_bytes: Annotated[int, Field(ge=0)]
    payload_sha256: Digest
    items: list[Annotated[int, Field(ge=1)]]
    meta: dict[str, JsonValue]

    @model_validator(mode="after")
    def _adds_up(self) -> "Header":
        if sum(self.items) != self.payload_bytes:
            raise ValueError(f"its items hold {sum(self.items)} bytes, its payload {self.payload_bytes}")
        if not self.key_fingerprint and self.kind != "public-key":
            raise ValueError("key_fingerprint is empty")
        return self


@dataclass(frozen=True)
class Label:
    """The part of a header that the sender chooses; lengths and digest follow from the items."""

    kind: Kind
    study: str
    profile: str
    key_fingerprint: str = ""


@dataclass(frozen=True)
class Written:
    """A finished envelope: its header, and size and SHA-256 of the whole file."""

    header: Header
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Envelope:
    """A small envelope held in memory, digest checked."""

    header: Header
    items: tuple[bytes, ...]


def write(
    stream: BinaryIO,
    label: Label,
    items: Iterable[bytes],
    meta: dict[str, Any] | None = None,
    spool: BinaryIO | None = None,
) -> Written:
    """Write one envelope. Items are taken one at a time and spooled, because the header in front needs their digest.

    ``spool``: where they wait, read and write; memory unless given. A payload too large for memory brings a file.
    """
    spool = spool or io.BytesIO()
    digest, lengths = hashlib.sha256(), []
    for item in items:
        digest.update(item)
        lengths.append(len(item))
        spool.write(item)
    header = _header(label, lengths, digest.hexdigest(), meta or {})
    spool.seek(0)
    return _copy(stream, header, iter(lambda: spool.read(_CHUNK_BYTES), b""))


def to_bytes(label: Label, items: Iterable[bytes], meta: dict[str, Any] | None = None) -> bytes:
    """The same envelope as one bytes object, for payloads that fit in memory."""
    stream = io.BytesIO()
    write(stream, label, items, meta)
    return stream.getvalue()


def read_header(stream: BinaryIO) -> Header:
    """Read magic and header and leave the stream at the first payload byte; the payload is not touched."""
    prefix = _read_exactly(stream, PREFIX_BYTES, Said("protocol.header"))
    if prefix[: len(MAGIC)] != MAGIC:
        raise EnvelopeInvalid("protocol.no_envelope")
    (length,) = struct.unpack("<I", prefix[len(MAGIC) :])
    if length > LARGE_HEADER_LIMIT_BYTES:
        _refuse_header(Said("protocol.header_announced", length=length, limit=LARGE_HEADER_LIMIT_BYTES))
    header = _parse_header(_read_exactly(stream, length, Said("protocol.header")))
    if length > HEADER_LIMIT_BYTES and header.kind not in _LARGE_KINDS:
        _refuse_header(Said("protocol.header_kind", length=length, kind=header.kind, limit=HEADER_LIMIT_BYTES))
    return header


def verify(stream: BinaryIO, expected: Label | None = None) -> Header:
    """Read a whole envelope in small pieces and check digest, length and, if given, the label; keeps nothing of it."""
    header = read_header(stream)
    check_label(header, expected)
    digest, left = hashlib.sha256(), header.payload_bytes
    while left:
        piece = _read_exactly(stream, min(left, _CHUNK_BYTES), Said("protocol.payload"))
        digest.update(piece)
        left -= len(piece)
    _check_end(stream, digest.hexdigest(), header)
    return header


def iterate(stream: BinaryIO, header: Header) -> Iterator[bytes]:
    """Yield the items one by one from a stream that stands behind ``header``; raises at the end on a wrong digest.

    For bytes that were verified before; an item of an unverified stream must not be believed until the iterator ends.
    """
    digest = hashlib.sha256()
    for length in header.items:
        item = _read_exactly(stream, length, Said("protocol.payload"))
        digest.update(item)
        yield item
    _check_end(stream, digest.hexdigest(), header)


def iterate_verified(stream: BinaryIO, expected: Label | None = None) -> tuple[Header, Iterator[bytes]]:
    """Check the whole of a seekable stream first, then hand out its items one by one."""
    start = stream.tell()
    verify(stream, expected)
    stream.seek(start)
    header = read_header(stream)
    return header, iterate(stream, header)


def from_bytes(data: bytes, expected: Label | None = None) -> Envelope:
    """Read an envelope that is already in memory."""
    stream = io.BytesIO(data)
    header = read_header(stream)
    check_label(header, expected)
    return Envelope(header, tuple(iterate(stream, header)))


def check_label(header: Header, expected: Label | None) -> None:
    """Raise EnvelopeInvalid unless kind, study, profile and key fingerprint are the expected ones."""
    for name in ("kind", "study", "profile", "key_fingerprint") if expected else ():
        found, wanted = getattr(header, name), getattr(expected, name)
        if found != wanted:
            raise EnvelopeInvalid(
                "protocol.envelope_label", name=name, found=found or "empty", wanted=wanted or "empty"
            )


def canonical_json(value: object) -> bytes:
    """Sorted keys, no spaces, ASCII: one text for one value, so that it can be digested."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def _header(label: Label, lengths: Sequence[int], digest: str, meta: dict[str, Any]) -> Header:
    fields = {"items": list(lengths), "payload_bytes": sum(lengths), "payload_sha256": digest, "meta": meta}
    try:
        return Header.model_validate({**vars(label), **fields})
    except ValidationError as error:
        raise EnvelopeInvalid("protocol.envelope_fields", why=_first_problem(error)) from error


def _copy(stream: BinaryIO, header: Header, pieces: Iterator[bytes]) -> Written:
    text = canonical_json(header.model_dump(mode="json"))
    limit = LARGE_HEADER_LIMIT_BYTES if header.kind in _LARGE_KINDS else HEADER_LIMIT_BYTES
    if len(text) > limit:
        raise EnvelopeInvalid("protocol.envelope_header_long", found=len(text), limit=limit)
    digest, total = hashlib.sha256(), 0
    for piece in chain([MAGIC + struct.pack("<I", len(text)) + text], pieces):
        stream.write(piece)
        digest.update(piece)
        total += len(piece)
    return Written(header, total, digest.hexdigest())


def _parse_header(text: bytes) -> Header:
    try:
        value = json.loads(text.decode("ascii"), parse_constant=_refuse_constant)
        header = Header.model_validate(value)
        canonical = canonical_json(header.model_dump(mode="json"))
    except ValidationError as error:
        _refuse_header(_first_problem(error))
    except (ValueError, RecursionError) as error:
        _refuse_header(Said("protocol.header_json", error=type(error).__name__))
    if canonical != text:
        _refuse_header(Said("protocol.header_canonical"))
    return header


def _first_problem(error: ValidationError) -> Said:
    first = error.errors(include_input=False, include_url=False)[0]
    return Said("protocol.field", place=".".join(map(str, first["loc"])) or "header", message=first["msg"])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _refuse_header(why: Said) -> NoReturn:
    raise EnvelopeInvalid("protocol.envelope_header", why=why)


def _read_exactly(stream: BinaryIO, length: int, part: Said) -> bytes:
    pieces, left = [], length
    while left:
        piece = stream.read(min(left, _CHUNK_BYTES))  # a header may announce more than a machine can hold
        if not piece:
            raise EnvelopeInvalid("protocol.envelope_cut", part=part, left=left, length=length)
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _check_end(stream: BinaryIO, digest: str, header: Header) -> None:
    if stream.read(1):
        raise EnvelopeInvalid("protocol.envelope_trailing", size=header.payload_bytes)
    if digest != header.payload_sha256:
        raise EnvelopeInvalid("protocol.envelope_digest", found=digest[:16], announced=header.payload_sha256[:16])
