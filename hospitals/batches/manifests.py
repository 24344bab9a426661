"""Does a batch's manifest belong to this study, as it is now? Every refusal says which fact differs."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

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
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary, key_in_use
from hospitals.studies.terms import must_accept


def check_manifest(study: Study, institution: Institution, manifest: BatchManifest) -> tuple[KeySet, DictionaryVersion]:
    """The keys and dictionary that the batch was made for; raises BadInput, WrongKey or Conflict."""
    if study.state != Study.State.OPEN:
        raise Conflict(
            _("cannot accept batch: study %(study)s is %(state)s; nothing can be added")
            % {"study": study.slug, "state": study.state}
        )
    key_set = key_in_use(study)
    if key_set is None:
        raise Conflict(_("cannot accept batch: the custodian has not published its keys; try again later"))
    _check_terms(study, institution)
    _check_same("study", manifest.study, study.slug)
    _check_same("institution", manifest.institution, institution.slug)
    _check_same("profile", manifest.profile, study.profile)
    if manifest.key_fingerprint != key_set.fingerprint:
        raise WrongKey(_other_key(study, manifest.key_fingerprint, key_set))
    _check_trusted(key_set, institution)
    dictionary = _check_dictionary(study, manifest)
    check_blocks(profile_of(study.profile), manifest)
    return key_set, dictionary


def _check_terms(study: Study, institution: Institution) -> None:
    terms = must_accept(study, institution)
    if terms is not None:
        raise Conflict(
            _(
                "cannot accept batch: %(institution)s has not accepted version %(terms_number)s of "
                "the study's terms; a coordinator reads and accepts them on the page Terms"
            )
            % {"institution": institution.name, "terms_number": terms.number}
        )


def _other_key(study: Study, fingerprint: str, key_set: KeySet) -> str:
    retired = study.key_sets.filter(fingerprint=fingerprint, state=KeySet.State.RETIRED).first()
    words = {"key": fingerprint[:16], "present": key_set.fingerprint[:16]}
    if retired is None or retired.retired_at is None:
        return (
            _(
                "cannot accept batch: it is encrypted under key %(key)s; the study uses "
                "%(present)s; fetch the study again, encrypt the same table anew and upload that"
            )
            % words
        )
    return _(
        "cannot accept batch: it is encrypted under key %(key)s, which was retired on %(day)s; the study uses "
        "%(present)s; fetch the study again, encrypt the same table anew and upload that"
    ) % {**words, "day": f"{retired.retired_at:%Y-%m-%d}"}


def _check_trusted(key_set: KeySet, institution: Institution) -> None:
    """A person of this hospital compared the key with the custodian, and it has not expired."""
    if key_set.expires_at is not None and key_set.expires_at <= timezone.now():
        raise Conflict(
            _(
                "cannot accept batch: the study's key expired on %(expires_at)s; ask the custodian "
                "to run `rotate`, then encrypt under the new key"
            )
            % {"expires_at": f"{key_set.expires_at:%Y-%m-%d}"}
        )
    check_custody(key_set)
    if not is_confirmed_by(key_set, institution):
        raise Conflict(
            _(
                "cannot accept batch: nobody of %(institution)s has confirmed key %(fingerprint)s yet; a coordinator "
                "compares its fingerprint with the custodian on the telephone and confirms it on the page Keys"
            )
            % {"institution": institution.name, "fingerprint": key_set.fingerprint[:16]}
        )


def _check_same(what: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise BadInput(
            _(
                "cannot accept batch: its %(what)s is %(found)s, this address takes %(wanted)s; use "
                "the token of that %(what)s"
            )
            % {"what": what, "found": found, "wanted": wanted}
        )


def _check_dictionary(study: Study, manifest: BatchManifest) -> DictionaryVersion:
    dictionary = current_dictionary(study)
    if dictionary is None:
        raise Conflict(_("cannot accept batch: the study has no data dictionary; publish one first"))
    if (manifest.dictionary_version, manifest.dictionary_digest) != (dictionary.number, dictionary.digest):
        raise BadInput(
            _(
                "cannot accept batch: it follows dictionary version %(dictionary_version)s "
                "(%(dictionary_digest)s), the study uses version %(dictionary_number)s (%(digest)s); "
                "fetch the study again and encrypt anew"
            )
            % {
                "dictionary_version": manifest.dictionary_version,
                "dictionary_digest": manifest.dictionary_digest[:16],
                "dictionary_number": dictionary.number,
                "digest": dictionary.digest[:16],
            }
        )
    names = [column.name for column in DataDictionary.from_csv(dictionary.csv).columns]
    if manifest.columns != names:
        raise BadInput(
            _(
                "cannot accept batch: it announces %(columns)s columns that are not the dictionary's "
                "%(names)s; encrypt anew with this study's encryptor"
            )
            % {"columns": len(manifest.columns), "names": len(names)}
        )
    return dictionary


def check_blocks(profile: Profile, manifest: BatchManifest) -> None:
    """Blocks are numbered from 0, training ones first, and have the size that their columns need."""
    blocks = manifest.blocks
    if len(blocks) > settings.HEFED_MAX_BATCH_BLOCKS:
        _refuse(f"it has {len(blocks)} blocks, the limit is {settings.HEFED_MAX_BATCH_BLOCKS}", "split it")
    if [block.index for block in blocks] != list(range(len(blocks))):
        _refuse("its blocks are not numbered 0, 1, 2, ...", "encrypt anew")
    roles = [block.role for block in blocks]
    if roles != sorted(roles, reverse=True):
        _refuse("a holdout block stands before a training block", "encrypt anew")
    if sum(block.patients for block in blocks) != manifest.patients:
        _refuse(f"its blocks do not add up to its {manifest.patients} patients", "encrypt anew")
    if not manifest.order_digest and not all(block.sha256 for block in blocks):
        _refuse("it has blocks without digest and no order_digest", "say in which order its patients stay")
    _check_sizes(profile, len(manifest.columns), blocks)


def _check_sizes(profile: Profile, n_columns: int, blocks: Sequence[BlockManifest]) -> None:
    payload = block_payload_bytes(profile, n_columns)
    largest = min(payload + PREFIX_BYTES + HEADER_LIMIT_BYTES, settings.HEFED_MAX_BLOCK_BYTES)
    for block in blocks:
        if block.patients > profile.slots:
            _refuse(f"block {block.index} has {block.patients} patients, a block holds {profile.slots}", "encrypt anew")
        if not payload < block.bytes <= largest:
            _refuse(f"block {block.index} has {block.bytes} bytes, expected {payload} to {largest}", "encrypt anew")


def block_items(profile: Profile, n_columns: int) -> list[int]:
    """Byte lengths of a block's items: the columns, then the outcome."""
    return [packed_bytes(profile, profile.max_level)] * n_columns + [packed_bytes(profile, OUTCOME_LEVEL)]


def block_payload_bytes(profile: Profile, n_columns: int) -> int:
    return sum(block_items(profile, n_columns))


def _refuse(fact: str, remedy: str) -> None:
    raise BadInput(f"cannot accept batch: {fact}; {remedy}")
