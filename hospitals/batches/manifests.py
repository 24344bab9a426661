"""Does a batch's manifest belong to this study, as it is now? Every refusal says which fact differs."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from hefed.core.ckks.params import OUTCOME_LEVEL, Profile
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.wire import packed_bytes
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, Conflict, WrongKey
from hefed.core.protocol.envelope import HEADER_LIMIT_BYTES, PREFIX_BYTES
from hefed.core.protocol.uploads import BatchManifest, BlockManifest
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_custody
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import is_confirmed_by
from hospitals.states import state_said
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary, key_in_use
from hospitals.studies.terms import must_accept


def check_manifest(study: Study, institution: Institution, manifest: BatchManifest) -> tuple[KeySet, DictionaryVersion]:
    """The keys and dictionary that the batch was made for; raises BadInput, WrongKey or Conflict."""
    if study.state != Study.State.OPEN:
        raise Conflict("batches.study_not_open", study=study.slug, state=state_said(study.state))
    key_set = key_in_use(study)
    if key_set is None:
        raise Conflict("batches.no_key_yet")
    _check_terms(study, institution)
    _check_address(study, institution, manifest)
    if manifest.key_fingerprint != key_set.fingerprint:
        raise _other_key(study, manifest.key_fingerprint, key_set)
    _check_trusted(key_set, institution)
    dictionary = _check_dictionary(study, manifest)
    check_blocks(profile_of(study.profile), manifest)
    return key_set, dictionary


def _check_terms(study: Study, institution: Institution) -> None:
    terms = must_accept(study, institution)
    if terms is not None:
        raise Conflict("batches.terms_not_accepted", institution=institution.name, version=terms.number)


def _check_address(study: Study, institution: Institution, manifest: BatchManifest) -> None:
    if manifest.study != study.slug:
        raise BadInput("batches.other_study", found=manifest.study, wanted=study.slug)
    if manifest.institution != institution.slug:
        raise BadInput("batches.other_institution", found=manifest.institution, wanted=institution.slug)
    if manifest.profile != study.profile:
        raise BadInput("batches.other_profile", found=manifest.profile, wanted=study.profile)


def _other_key(study: Study, fingerprint: str, key_set: KeySet) -> WrongKey:
    key, present = fingerprint[:16], key_set.fingerprint[:16]
    retired = study.key_sets.filter(fingerprint=fingerprint, state=KeySet.State.RETIRED).first()
    if retired is None or retired.retired_at is None:
        return WrongKey("batches.other_key", key=key, present=present)
    return WrongKey("batches.retired_key", key=key, present=present, day=f"{retired.retired_at:%Y-%m-%d}")


def _check_trusted(key_set: KeySet, institution: Institution) -> None:
    """A person of this hospital compared the key with the custodian, and it has not expired."""
    if key_set.expires_at is not None and key_set.expires_at <= timezone.now():
        raise Conflict("batches.key_expired", day=f"{key_set.expires_at:%Y-%m-%d}")
    check_custody(key_set)
    if not is_confirmed_by(key_set, institution):
        raise Conflict("batches.key_not_confirmed", institution=institution.name, key=key_set.fingerprint[:16])


def _check_dictionary(study: Study, manifest: BatchManifest) -> DictionaryVersion:
    dictionary = current_dictionary(study)
    if dictionary is None:
        raise Conflict("batches.no_dictionary_yet")
    if (manifest.dictionary_version, manifest.dictionary_digest) != (dictionary.number, dictionary.digest):
        raise BadInput(
            "batches.other_dictionary",
            found=manifest.dictionary_version,
            found_digest=manifest.dictionary_digest[:16],
            wanted=dictionary.number,
            wanted_digest=dictionary.digest[:16],
        )
    names = [column.name for column in DataDictionary.from_csv(dictionary.csv).columns]
    if manifest.columns != names:
        raise BadInput("batches.other_columns", columns=len(manifest.columns), known=len(names))
    return dictionary


def check_blocks(profile: Profile, manifest: BatchManifest) -> None:
    """Blocks are numbered from 0, training ones first, and have the size that their columns need."""
    blocks, most = manifest.blocks, settings.HEFED_MAX_BATCH_BLOCKS
    if len(blocks) > most:
        raise BadInput("batches.too_many_blocks", blocks=len(blocks), most=most)
    if [block.index for block in blocks] != list(range(len(blocks))):
        raise BadInput("batches.blocks_not_numbered")
    roles = [block.role for block in blocks]
    if roles != sorted(roles, reverse=True):
        raise BadInput("batches.holdout_first")
    if sum(block.patients for block in blocks) != manifest.patients:
        raise BadInput("batches.patients_differ", patients=manifest.patients)
    if not manifest.order_digest and not all(block.sha256 for block in blocks):
        raise BadInput("batches.no_order")
    _check_sizes(profile, len(manifest.columns), blocks)


def _check_sizes(profile: Profile, n_columns: int, blocks: Sequence[BlockManifest]) -> None:
    payload = block_payload_bytes(profile, n_columns)
    largest = min(payload + PREFIX_BYTES + HEADER_LIMIT_BYTES, settings.HEFED_MAX_BLOCK_BYTES)
    for block in blocks:
        if block.patients > profile.slots:
            raise BadInput("batches.block_too_full", index=block.index, patients=block.patients, most=profile.slots)
        if not payload < block.bytes <= largest:
            raise BadInput("batches.block_size", index=block.index, bytes=block.bytes, least=payload, most=largest)


def block_items(profile: Profile, n_columns: int) -> list[int]:
    """Byte lengths of a block's items: the columns, then the outcome."""
    return [packed_bytes(profile, profile.max_level)] * n_columns + [packed_bytes(profile, OUTCOME_LEVEL)]


def block_payload_bytes(profile: Profile, n_columns: int) -> int:
    return sum(block_items(profile, n_columns))
