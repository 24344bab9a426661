"""The audit log's page: filter and table."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hospitals.audit.models import AuditEvent
from hospitals.audit.selectors import Wanted, audit_page, check_chain, wanted_events
from hospitals.csv_files import safe_cell
from hospitals.forms import Styled
from hospitals.people.entry import enter, enter_platform, show
from hospitals.people.permissions import NotFound, Right


class AuditForm(Styled):
    """What of the audit log somebody wants to see."""

    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    what = forms.CharField(label=_("What"), required=False, max_length=64)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    study = forms.CharField(label=_("Study"), required=False, max_length=63)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not whole:
            del self.fields["study"]

    def wanted(self, study: str = "") -> Wanted:
        """Fields that make no sense ask for nothing in particular."""
        given = self.cleaned_data if self.is_valid() else self.cleaned_data or {}
        names = ("who", "what", "first", "last")
        fields = {name: given[name] for name in names if given.get(name)}
        return Wanted(study=study or given.get("study", ""), **fields)


_FIELDS = (
    "number",
    "at",
    "actor",
    "action",
    "target",
    "study",
    "institution",
    "details",
    "previous_digest",
    "digest",
)
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}


@require_safe
def of_study(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_AUDIT)
    return show(request, visit, "hospitals/audit.html", **_context(AuditForm(request.GET), slug))


@require_safe
def whole(request: HttpRequest) -> HttpResponse:
    enter_platform(request)
    return render(request, "hospitals/audit_whole.html", _context(AuditForm(request.GET, whole=True)))


def _context(form: AuditForm, study: str = "") -> dict[str, object]:
    wanted = form.wanted(study)
    page = audit_page(wanted, form.cleaned_data.get("before"))
    return {"form": form, "page": page, "query": _query(form)}


def _query(form: AuditForm) -> QueryDict:
    """The filters that are set, for links to older events and exports."""
    query = QueryDict(mutable=True)
    query.update({name: form.data[name] for name in form.fields if name != "before" and form.data.get(name)})
    return query


@require_safe
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Walks the whole chain, on demand: the page itself checks only what it shows."""
    visit = enter(request, slug, Right.SEE_AUDIT)
    return show(request, visit, "hospitals/audit_check.html", check=check_chain())


@require_safe
def export(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    enter(request, slug, Right.SEE_AUDIT)
    return _export(AuditForm(request.GET).wanted(slug), form, slug)


@require_safe
def export_whole(request: HttpRequest, form: str) -> HttpResponseBase:
    enter_platform(request)
    return _export(AuditForm(request.GET, whole=True).wanted(), form, "server")


def _export(wanted: Wanted, form: str, name: str) -> HttpResponseBase:
    if form not in _TYPES:
        raise NotFound("audit.no_such_form", form=form)
    events = wanted_events(wanted).order_by("number").iterator()
    lines = _csv_lines(events) if form == "csv" else _json_lines(events)
    headers = {"Content-Disposition": f'attachment; filename="audit-{name}.{form}"'}
    return StreamingHttpResponse(lines, content_type=_TYPES[form], headers=headers)


def _values(event: AuditEvent) -> dict[str, object]:
    return {name: getattr(event, name) for name in _FIELDS} | {"at": event.at.isoformat()}


def _json_lines(events: Iterator[AuditEvent]) -> Iterator[str]:
    for event in events:
        yield json.dumps(_values(event), ensure_ascii=True) + "\n"


class _Line:
    """What csv writes into: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(events: Iterator[AuditEvent]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(_FIELDS)
    for event in events:
        values = _values(event) | {"details": json.dumps(event.details, sort_keys=True)}
        yield writer.writerow([safe_cell(str(values[name])) for name in _FIELDS])
