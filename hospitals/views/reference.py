"""Pages to look things up: the data dictionary, the audit log."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hefed.dictionary import DataDictionary
from hospitals.access import NotFound
from hospitals.models import DictionaryVersion, Study
from hospitals.selectors.audit import audit_events, first_broken_event
from hospitals.selectors.studies import current_dictionary
from hospitals.views.entry import Right, enter, show

_EVENTS_PER_PAGE = 50


@require_safe
def dictionary(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    version = current_dictionary(visit.study)
    content = None if version is None else DataDictionary.from_csv(version.csv)
    return show(request, visit, "hospitals/dictionary.html", version=version, dictionary=content)


@require_safe
def dictionary_csv(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    version = _published(visit.study)
    name = f"{visit.study.slug}-dictionary-{version.number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(version.csv, content_type="text/csv; charset=utf-8", headers=headers)


def _published(study: Study) -> DictionaryVersion:
    version = current_dictionary(study)
    if version is None:
        raise NotFound(f"cannot download the dictionary of {study.slug}: none is published yet; publish one first")
    return version


@require_safe
def audit(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_AUDIT)
    events = Paginator(audit_events(visit.study), _EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    return show(request, visit, "hospitals/audit.html", events=events, broken=first_broken_event())
