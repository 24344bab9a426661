"""Pages of the data dictionary: read by everybody, written during set-up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.dictionary.redcap import read_redcap
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput
from hefed.core.words import Said
from hospitals.csv_files import csv_text, restored_csv, safe_csv
from hospitals.dictionaries import workbook
from hospitals.dictionaries.forms import CELL_HELP, FileForm, rows_of
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.forms import ConfirmForm
from hospitals.keys.selectors import busy_jobs, would_be_outdated
from hospitals.people.entry import Visit, enter, show
from hospitals.people.permissions import NotFound, Right
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary
from hospitals.studies.services import publish_draft, save_draft
from hospitals.studies.setup import EDITABLE_ROWS, draft_rows, example_row, set_up_state

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    rows, outdated = draft_rows(visit.facts), would_be_outdated(visit.study)
    return show(
        request,
        visit,
        "hospitals/dictionary_edit.html",
        rows=rows,
        help=CELL_HELP,
        too_many=len(rows) > EDITABLE_ROWS,
        draft=visit.facts.draft,
        state=set_up_state(visit.facts),
        outdated=outdated,
        outdates=sum(line.batches for line in outdated),
        busy=busy_jobs(visit.study),
        upload_form=FileForm(prefix="dictionary"),
        redcap_form=FileForm(prefix="redcap"),
    )


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    draft = visit.facts.draft
    save_draft(study=visit.study, rows=rows_of(request.POST), notes={} if draft is None else draft.notes, by=visit.user)
    messages.success(request, _("The draft is saved."))
    return redirect("edit-dictionary", slug)


@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """A ``dictionary.csv``, which must be right as a whole."""
    visit = enter(request, slug, Right.SET_UP_STUDY)
    dictionary = DataDictionary.from_csv(restored_csv(_text(request, "dictionary")))
    rows = [variable.cells() for variable in dictionary.variables]
    save_draft(study=visit.study, rows=rows, notes={}, by=visit.user)
    messages.success(request, _("%(rows)s variables are in the draft.") % {"rows": len(rows)})
    return redirect("edit-dictionary", slug)


@require_POST
def redcap(request: HttpRequest, slug: str) -> HttpResponse:
    """A REDCap data dictionary; what REDCap does not know is noted beside its variable."""
    visit = enter(request, slug, Right.SET_UP_STUDY)
    imported = read_redcap(_text(request, "redcap"))
    left_out = [Said("redcap.left_out", name=name, why=why) for name, why in imported.left_out.items()]
    notes = {name: [note.to_json() for note in said] for name, said in {**imported.notes, "": left_out}.items()}
    save_draft(study=visit.study, rows=imported.rows, notes=notes, by=visit.user)
    messages.success(
        request, _("%(rows)s variables are in the draft; read the notes beside them.") % {"rows": len(imported.rows)}
    )
    return redirect("edit-dictionary", slug)


@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """``outdates``: how many batches the page said would become outdated; typing the study's name agrees to it."""
    visit = enter(request, slug, Right.SET_UP_STUDY)
    if not ConfirmForm(slug, request.POST).is_valid():
        raise BadInput("studies.name_not_typed", slug=slug)
    shown = request.POST.get("outdates", "")
    if not shown.isdecimal() or len(shown) > 9:
        raise BadInput("studies.outdates_missing")
    publish_draft(study=visit.study, outdates=int(shown), by=visit.user)
    messages.success(request, _("The new version of the dictionary is in force."))
    return redirect("dictionary", slug)


@require_safe
def table_template(request: HttpRequest, slug: str) -> HttpResponse:
    """The headings of a hospital's table and one made-up patient."""
    visit = enter(request, slug, Right.SEE_STUDY)
    dictionary = _dictionary(visit)
    text = csv_text([[variable.name for variable in dictionary.variables], example_row(dictionary)])
    headers = {"Content-Disposition": f'attachment; filename="{visit.study.slug}-table-template.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def table_workbook(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a workbook that checks what is typed, with the dictionary on its second sheet."""
    visit = enter(request, slug, Right.SEE_STUDY)
    data = workbook.table_workbook(_dictionary(visit))
    headers = {"Content-Disposition": f'attachment; filename="{visit.study.slug}-table-template.xlsx"'}
    return HttpResponse(data, content_type=_XLSX, headers=headers)


def _dictionary(visit: Visit) -> DataDictionary:
    version = visit.facts.dictionary
    if version is None:
        raise NotFound("studies.no_template", study=visit.study.slug)
    return DataDictionary.from_csv(version.csv)


def _text(request: HttpRequest, prefix: str) -> str:
    form = FileForm(request.POST, request.FILES, prefix=prefix)
    if not form.is_valid():
        raise BadInput("studies.no_file")
    return form.text()


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
        raise NotFound("studies.no_dictionary", study=study.slug)
    return version
