"""What pages and the API read about a study."""

from django.db.models import QuerySet

from hospitals.dictionaries.models import DictionaryVersion
from hospitals.keys.models import KeySet
from hospitals.people.permissions import NotFound
from hospitals.studies.models import Study, StudyInstitution


def study_by_slug(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise NotFound("studies.no_such_study", slug=slug)
    return study


def key_in_use(study: Study) -> KeySet | None:
    """The keys under which batches are encrypted now; complete ones only."""
    return study.key_sets.filter(state=KeySet.State.ACTIVE).first()


def current_dictionary(study: Study) -> DictionaryVersion | None:
    return study.dictionary_versions.order_by("-number").first()


def participants(study: Study) -> QuerySet[StudyInstitution]:
    """Hospitals of the study in their fixed order (colour, symbol)."""
    return StudyInstitution.objects.filter(study=study).select_related("institution")
