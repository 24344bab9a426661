"""What the lead knows, on its way to the next lead: sealed to that one's card, signed with this one's. docs/adr/1103.

Everything is checked before anything is written, and each write may be repeated: a stop in the middle costs a repeat.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, BinaryIO

from pydantic import Field

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Message, Slug
from hefed.core.protocol.lead import HAND_OVER_MAGIC, HandOverNote, read_hand_over
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import Seat, Sharing, seal, sign, verify
from hefed.core.words import Said
from hefed.custodian.keeping import records
from hefed.custodian.keeping.files import write_private
from hefed.custodian.keeping.ledger import Ledger, read_lines
from hefed.custodian.keeping.records import (
    AnswerRecord,
    BatchRecord,
    JobRecord,
    PublicationRecord,
    SealedRecord,
    TrustRecord,
)
from hefed.custodian.keeping.store import Home, Store, StoredAnswer, checked_id
from hefed.custodian.sharing.holding import Identity
from hefed.custodian.sharing.lead import lead_file, write_lead

FILE = "hand-over.hefed"


class KeptAnswer(Message):
    """An answer that the server may still ask for. ``posted``: its bytes, base64."""

    record: AnswerRecord
    posted: Annotated[str, Field(repr=False)]
    approved: bool = False

    def stored(self) -> StoredAnswer:
        """Raises BadInput when the bytes are not the recorded ones."""
        posted = base64.b64decode(self.posted)
        if hashlib.sha256(posted).hexdigest() != self.record.answer_sha256:
            raise BadInput("sharing.answer_differs", request=self.record.request)
        return StoredAnswer(self.record, posted)


class HandOver(Message):
    """All that the lead knows and the others do not. No share, no noise key, no ledger."""

    study: Slug
    sharing: str
    giver: int
    taker: int
    number: int
    made_at: str
    batches: Annotated[list[BatchRecord], Field(repr=False)]
    jobs: Annotated[list[JobRecord], Field(repr=False)]
    answers: Annotated[list[KeptAnswer], Field(repr=False)]
    sealed: Annotated[list[SealedRecord], Field(repr=False)]
    publications: Annotated[list[PublicationRecord], Field(repr=False)]
    trusted: list[TrustRecord]

    def names(self) -> Iterator[str]:
        """Everything that becomes a file's name."""
        yield from (batch.batch for batch in self.batches)
        yield from (job.job for job in self.jobs)
        yield from (kept.record.request for kept in self.answers)
        yield from (sealed.request for sealed in self.sealed)
        yield from (record.publication.release for record in self.publications)

    def counts(self) -> Said:
        return Said(
            "keeping.hand_over_counts",
            batches=len(self.batches),
            jobs=len(self.jobs),
            under_way=sum(job.expects is not None for job in self.jobs),
            sealed=len(self.sealed),
            publications=len(self.publications),
            keys=len(self.trusted),
        )


@dataclass(frozen=True)
class Handing:
    """One hospital's opened directory, as giver or as taker."""

    home: Home
    store: Store = field(repr=False)
    ledger: Ledger = field(repr=False)
    identity: Identity = field(repr=False)
    sharing: Sharing

    @property
    def seat(self) -> Seat:
        return self.sharing.seat_of(self.identity.card)

    def name(self, point: int) -> str:
        return self.sharing.seats[point - 1].card.name


@dataclass(frozen=True)
class Taken:
    """What came of a hand-over. ``left_out``: fingerprints that people here distrusted before."""

    note: HandOverNote
    counts: Said
    left_out: tuple[str, ...]


# ---- at the earlier lead ---------------------------------------------------------------------------------------------


def make(place: Handing, taker: Seat) -> HandOverNote:
    """Write the hand-over into this directory; the agent sends it. Raises BadInput when this hospital never led."""
    file = lead_file(place.home.path)
    if file.awaits is not None:
        raise BadInput("sharing.awaits_itself", awaits=file.awaits)
    content = _content(place, taker, file.number + 1)
    sealed = seal(content, taker.card).encode()
    note = HandOverNote(
        study=content.study,
        sharing=content.sharing,
        giver=content.giver,
        taker=content.taker,
        number=content.number,
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        sealed_bytes=len(sealed),
    )
    signed = sign(note, place.identity.signing).model_dump_json().encode()
    write_private(place.home.path / FILE, HAND_OVER_MAGIC, signed, b"\n", sealed)
    write_lead(place.home.path, file.model_copy(update={"number": note.number}))
    place.ledger.append(records.lead_handed(note, taker.card.institution, content.counts()))
    return note


def _content(place: Handing, taker: Seat, number: int) -> HandOver:
    store = place.store
    return HandOver(
        study=place.sharing.study,
        sharing=place.sharing.digest,
        giver=place.seat.point,
        taker=taker.point,
        number=number,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        batches=list(store.batches()),
        jobs=list(store.jobs()),
        answers=list(_kept(store)),
        sealed=list(store.all_sealed()),
        publications=list(store.publications()),
        trusted=list(store.trusted().values()),
    )


def _kept(store: Store) -> Iterator[KeptAnswer]:
    for request in store.unacknowledged():
        stored = store.answer(request)
        if stored is not None:
            posted = base64.b64encode(stored.envelope).decode()
            yield KeptAnswer(record=stored.record, posted=posted, approved=store.approved(request))


# ---- at the next lead ------------------------------------------------------------------------------------------------


def take_hand_over(place: Handing, source: BinaryIO) -> Taken:
    """Take in what the earlier lead knew; raises BadInput and changes nothing when it cannot be used."""
    note, sealed = _checked(place, source)
    content = _opened(place, note, sealed)
    _check_batches(place, content)
    jobs = [_merged(place, job) for job in content.jobs]
    _check_same(place.store.all_sealed(), content.sealed)
    _check_same(place.store.publications(), content.publications)
    left_out = records.distrusted_keys(read_lines(place.home.ledger)) & {
        record.fingerprint for record in content.trusted
    }
    trusted = [new for new in content.trusted if new.fingerprint not in {*place.store.trusted(), *left_out}]
    _write(place, content, jobs, trusted)
    _note(place, note, content, trusted)
    file = lead_file(place.home.path)
    write_lead(place.home.path, file.model_copy(update={"awaits": None, "number": note.number}))
    return Taken(note, content.counts(), tuple(sorted(left_out)))


def lead_without(place: Handing) -> str:
    """The earlier lead's directory is lost: go on with what is known here. Gives the name of that hospital."""
    file = lead_file(place.home.path)
    if file.awaits is None:
        raise BadInput("sharing.awaits_none")
    place.ledger.append(records.lead_taken_without(file.awaits))
    write_lead(place.home.path, file.model_copy(update={"awaits": None}))
    return file.awaits


def _checked(place: Handing, source: BinaryIO) -> tuple[HandOverNote, bytes]:
    """The note, if it is for this hospital, of the one that led before, and newer than what is here."""
    signed = read_hand_over(source)
    note = verify(signed, HandOverNote)
    if note.study != place.sharing.study:
        raise BadInput("sharing.hand_over_study", study=note.study, own=place.sharing.study)
    if note.sharing != place.sharing.digest:
        raise BadInput("sharing.hand_over_sharing", sharing=note.sharing[:16], own=place.sharing.digest[:16])
    cards = {seat.point: seat.card.signing for seat in place.sharing.seats}
    if cards.get(note.giver) != signed.signer:
        raise BadInput("sharing.hand_over_stranger")
    if note.taker != place.seat.point:
        to = place.name(note.taker) if note.taker in cards else f"#{note.taker}"
        raise BadInput("sharing.hand_over_other", taker=to, own=place.seat.card.name)
    _check_awaited(place, note)
    sealed = source.read(note.sealed_bytes + 1)
    if len(sealed) != note.sealed_bytes or hashlib.sha256(sealed).hexdigest() != note.sealed_sha256:
        raise BadInput("sharing.hand_over_bytes", received=len(sealed), announced=note.sealed_bytes)
    return note, sealed


def _check_awaited(place: Handing, note: HandOverNote) -> None:
    file, giver = lead_file(place.home.path), place.sharing.seats[note.giver - 1].card
    if file.awaits is None:
        raise BadInput("sharing.awaits_nobody", own=place.seat.card.institution, giver=giver.institution)
    if file.awaits != giver.institution:
        raise BadInput("sharing.awaits_another", awaits=file.awaits, giver=giver.name)
    if note.number <= file.number:
        raise BadInput("sharing.hand_over_old", number=note.number, seen=file.number)


def _opened(place: Handing, note: HandOverNote, sealed: bytes) -> HandOver:
    content = unseal(sealed.decode("ascii", "replace"), place.identity.agreement, HandOver)
    said = (content.study, content.sharing, content.giver, content.taker, content.number)
    if said != (note.study, note.sharing, note.giver, note.taker, note.number):
        raise BadInput("sharing.hand_over_content")
    for name in content.names():
        checked_id(name)
    for kept in content.answers:
        kept.stored()
    return content


def _check_batches(place: Handing, content: HandOver) -> None:
    known = {batch.batch: batch for batch in place.store.batches()}
    for batch in content.batches:
        own = known.get(batch.batch, batch)
        fits = own.rows == batch.rows or (not own.sums and own.rows < batch.rows)  # a part of it may have been seen
        if own.institution != batch.institution or not fits:
            raise BadInput(
                "sharing.hand_over_batch",
                batch=batch.batch,
                rows=batch.rows,
                institution=batch.institution,
                own_rows=own.rows,
                own=own.institution,
            )


def _merged(place: Handing, job: JobRecord) -> JobRecord:
    """A job as it goes on here; raises BadInput where this hospital has seen more of it, or another pool."""
    own = place.store.job(job.job)
    if own is None:
        return job
    if sorted(map(str, own.cohort)) != sorted(map(str, job.cohort)):
        raise BadInput("sharing.hand_over_pool", job=job.job)
    ahead = 0 if own.led else 1  # of a request that waits, this hospital may have answered with its share
    if own.round > job.round + ahead:
        raise BadInput("sharing.hand_over_round", job=job.job, round=job.round, seen=own.round)
    return job.model_copy(update={"holdout": job.holdout or own.holdout})


def _check_same(
    there: Iterable[SealedRecord] | Iterable[PublicationRecord],
    new: Iterable[SealedRecord] | Iterable[PublicationRecord],
) -> None:
    """What was sealed or published once never changes."""
    known = {_key(record): record for record in there}
    for record in new:
        if known.get(_key(record), record) != record:
            sealed = isinstance(record, SealedRecord)
            raise BadInput("sharing.other_result" if sealed else "sharing.other_publication", name=_key(record))


def _key(record: SealedRecord | PublicationRecord) -> str:
    if isinstance(record, SealedRecord):
        return record.request
    return f"{record.publication.release}, {record.publication.version}"


def _write(place: Handing, content: HandOver, jobs: Iterable[JobRecord], trusted: Iterable[TrustRecord]) -> None:
    store = place.store
    opened = {batch.batch for batch in store.batches() if batch.sums}
    store.keep_batches(batch for batch in content.batches if batch.sums or batch.batch not in opened)
    for job in jobs:
        store.keep_job(job)
    for sealed in content.sealed:
        store.keep_sealed(sealed)
    for publication in content.publications:
        store.publish(publication)
    for record in trusted:
        store.trust(record)
    for kept in content.answers:
        store.keep_answer(kept.stored())
        if kept.approved:
            store.approve(kept.record.request)


def _note(place: Handing, note: HandOverNote, content: HandOver, trusted: Iterable[TrustRecord]) -> None:
    """Answers that will be posted from here are on this ledger too, before they are."""
    giver = place.sharing.seats[note.giver - 1].card.institution
    lines = Counter((line.event, line.answer_sha256 or line.rule) for line in read_lines(place.home.ledger))
    answers = [records.answered(kept.record, "answer") for kept in content.answers]
    keys = [records.trusted(record, handed_over_by=giver) for record in trusted]
    for entry in [*answers, *keys, records.lead_taken(note, giver, content.counts())]:
        if not lines[entry.event, entry.answer_sha256 or entry.rule]:
            place.ledger.append(entry)
