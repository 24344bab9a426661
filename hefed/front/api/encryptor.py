"""The API that an encryptor speaks, by token or from the page: study, key, batches, blocks."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Router
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from hefed.core.errors import BadInput
from hefed.core.protocol.uploads import (
    BatchManifest,
    BatchStatus,
    BlockStatus,
    HoldoutRule,
    KeyInfo,
    StudyPackage,
    StudyRules,
)
from hospitals.audit.record import Actor
from hospitals.batches.models import Batch, Block
from hospitals.batches.selectors import batch_by_name
from hospitals.batches.services import announce_batch, withdraw_batch
from hospitals.batches.uploads import Readable, declare_digest, receive_piece
from hospitals.blobs.storage import open_blob
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.keys.services import public_key_blob
from hospitals.people.models import ApiToken, Membership, Role, User
from hospitals.people.permissions import Forbidden, NotFound, Unauthorised, require_role, study_for
from hospitals.people.tokens import token_of
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary, key_in_use
from hospitals.words import page_words

STUDY_HEADER = "X-HEFed-Study"


@dataclass(frozen=True)
class Coordinator:
    """Who acts, for which hospital of which study; what an encryptor token says of its bearer."""

    user: User
    study: Study
    institution: Institution


class CoordinatorSession(APIKeyCookie):
    """Looks only at requests with the study's header, which no form of another site can send."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Coordinator | None:
        slug = request.headers.get(STUDY_HEADER, "")
        if not slug or not key:
            return None
        if check_csrf(request) is not None:
            raise Forbidden("server.page_token")
        if not request.user.is_authenticated:
            raise Unauthorised("server.signed_out")
        return _coordinator(request.user, slug)


def _coordinator(user: User, slug: str) -> Coordinator:
    study = study_for(user, slug)
    require_role(user, study, Role.COORDINATOR)
    row = Membership.objects.select_related("institution").filter(user=user, study=study, role=Role.COORDINATOR).first()
    if row is None or row.institution is None:
        raise Forbidden("server.no_hospital")
    if row.institution.state != Institution.State.APPROVED:
        raise Forbidden("server.hospital_state", institution=row.institution.name, state=row.institution.state)
    return Coordinator(user, study, row.institution)


CUSTODIAN = "custodian"  # what StudyPackage says for the party that is no institution


class ApiRequest(HttpRequest):
    """A request behind TokenAuth or, from the page, CoordinatorSession."""

    auth: ApiToken | Coordinator


class TokenAuth(HttpBearer):
    """``Authorization: Bearer hefed_...`` with one of the scopes; others get 403."""

    def __init__(self, *scopes: ApiToken.Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = token_of(token)
        if found.scope not in self.scopes:
            raise Forbidden("server.token_scope", scope=found.scope, scopes=tuple(self.scopes))
        return found


encryptor_only = TokenAuth(ApiToken.Scope.ENCRYPTOR)
custodian_only = TokenAuth(ApiToken.Scope.CUSTODIAN)
page = CoordinatorSession()
both = TokenAuth(ApiToken.Scope.ENCRYPTOR, ApiToken.Scope.CUSTODIAN)
router = Router(tags=["study and batches"])


@router.get("study", auth=[both, page], response=StudyPackage)
def get_study(request: ApiRequest) -> StudyPackage:
    """All that an encryptor or a custodian needs to know of its study."""
    study = request.auth.study
    dictionary, key = current_dictionary(study), key_in_use(study)
    if dictionary is None:
        raise NotFound("server.no_dictionary")
    return StudyPackage(
        study=study.slug,
        name=study.name,
        institution=request.auth.institution.slug if request.auth.institution else CUSTODIAN,
        profile=study.profile,
        dictionary_version=dictionary.number,
        dictionary_digest=dictionary.digest,
        dictionary_csv=dictionary.csv,
        holdout=HoldoutRule(salt=study.holdout_salt, fraction=study.holdout_fraction),
        key=None if key is None else key_info(key),
        max_block_bytes=settings.HEFED_MAX_BLOCK_BYTES,
        rules=StudyRules(**{name: getattr(study, name) for name in StudyRules.model_fields}),
    )


def key_info(key: KeySet) -> KeyInfo:
    return KeyInfo(
        fingerprint=key.fingerprint,
        published_at=key.published_at.isoformat(),
        proposed=key.state == KeySet.State.PROPOSED,
    )


@router.get("keys/public", auth=[both, page])
def get_public_key(request: ApiRequest) -> FileResponse:
    """The ``public-key`` envelope, as the custodian published it."""
    return FileResponse(open_blob(public_key_blob(request.auth.study)), content_type="application/octet-stream")


@router.post("batches", auth=[encryptor_only, page], response=BatchStatus)
def post_batch(request: ApiRequest, manifest: BatchManifest) -> BatchStatus:
    """Announce a batch. The same manifest twice is the same batch."""
    batch = announce_batch(
        study=request.auth.study, institution=institution_of(request), manifest=manifest, by=actor_of(request)
    )
    return batch_status(batch)


@router.get("batches/{name}", auth=[encryptor_only, page], response=BatchStatus)
def get_batch(request: ApiRequest, name: str) -> BatchStatus:
    return batch_status(batch_of(request, name))


@router.patch("batches/{name}/blocks/{int:index}", auth=[encryptor_only, page], response=BlockStatus)
def patch_block(request: ApiRequest, name: str, index: int, response: HttpResponse) -> BlockStatus:
    """Append raw bytes at header ``Upload-Offset``. A wrong offset: 409 with the right one in the same header.

    ``Upload-Digest``: the block's SHA-256, when the manifest left it open; another one at offset 0 begins anew.
    """
    batch = batch_of(request, name)
    block = batch.blocks.select_related("batch__study", "batch__key_set", "batch__dictionary", "batch__institution")
    found = block.filter(index=index).first()
    if found is None:
        raise NotFound("server.no_block", index=index, batch=batch.name, last=batch.blocks.count() - 1)
    stream, length = body_of(request, found.bytes)
    declare_digest(found, _offset(request), _digest(request))
    found = receive_piece(found, _offset(request), stream, length)
    response["Upload-Offset"] = str(found.received_bytes)
    return block_status(found)


@router.post("batches/{name}/withdraw", auth=[encryptor_only, page], response=BatchStatus)
def post_withdraw(request: ApiRequest, name: str) -> BatchStatus:
    """Take a batch back; its bytes are deleted. A person does it on a page; a token alone must not destroy data."""
    batch, by = batch_of(request, name), actor_of(request)
    if isinstance(request.auth, ApiToken) and batch.state != Batch.State.WITHDRAWN:
        raise Forbidden("batches.person_withdraws", batch=batch.name)
    return batch_status(withdraw_batch(batch=batch, reason="batches.withdrawn_by_hospital", by=by))


def actor_of(request: ApiRequest) -> Actor:
    """Whom the audit log names."""
    return request.auth.user if isinstance(request.auth, Coordinator) else request.auth


def institution_of(request: ApiRequest) -> Institution:
    """An encryptor token always has one: a database constraint says so."""
    if request.auth.institution is None:
        raise Forbidden("server.token_of_none")
    return request.auth.institution


def batch_of(request: ApiRequest, name: str) -> Batch:
    """The batch, if it is of the token's study and hospital; else 404."""
    return batch_by_name(request.auth.study, name, institution_of(request))


def body_of(request: HttpRequest, limit_bytes: int) -> tuple[Readable, int]:
    """The body as a stream and how much of it to read. A chunked body has no length; it is read up to the limit."""
    if request.META.get("wsgi.input_terminated") and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", ""):
        return request.META["wsgi.input"], limit_bytes
    return request, int(request.META.get("CONTENT_LENGTH") or 0)


def _offset(request: HttpRequest) -> int:
    text = request.headers.get("Upload-Offset", "")
    if not text.isdecimal() or len(text) > 18:
        raise BadInput("server.upload_offset", text=f"{text!r:.40}")
    return int(text)


def _digest(request: HttpRequest) -> str:
    text = request.headers.get("Upload-Digest", "")
    if text and not re.fullmatch("[0-9a-f]{64}", text):
        raise BadInput("server.upload_digest", text=f"{text!r:.40}")
    return text


def batch_status(batch: Batch) -> BatchStatus:
    blocks = [block_status(block) for block in batch.blocks.all()]
    return BatchStatus(batch=batch.name, state=batch.state, reason=page_words(batch.reason), blocks=blocks)


def block_status(block: Block) -> BlockStatus:
    return BlockStatus(index=block.index, state=block.state, received_bytes=block.received_bytes, bytes=block.bytes)
