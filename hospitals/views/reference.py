"""Pages to look things up: the data dictionary, the audit log."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hefed.dictionary import DataDictionary
from hospitals.access import NotFound
from hospitals.csv_files import safe_csv
from hospitals.models import DictionaryVersion, Study
from hospitals.selectors.studies import current_dictionary
from hospitals.views.entry import Right, enter, show


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
    return HttpResponse(safe_csv(version.csv), content_type="text/csv; charset=utf-8", headers=headers)


def _published(study: Study) -> DictionaryVersion:
    version = current_dictionary(study)
    if version is None:
        raise NotFound(
            _("cannot download the dictionary of %(study)s: none is published yet; publish one first")
            % {"study": study.slug}
        )
    return version
