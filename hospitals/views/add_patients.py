"""Adding patients in the browser: the page whose scripts encrypt, and the page that says what leaves the hospital."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from hefed.ckks.params import profile as profile_of
from hefed.dictionary import DataDictionary
from hospitals.access import Forbidden
from hospitals.manifests import block_payload_bytes
from hospitals.models import Batch
from hospitals.selectors.batches import batch_by_name
from hospitals.views.entry import Right, Visit, enter, show


@require_safe
@ensure_csrf_cookie
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """The four steps; ``?replaces=batch-0003`` withdraws that batch at the moment of sending."""
    visit = enter(request, slug, Right.CHANGE_DATA)
    visit.check_writing(Right.CHANGE_DATA)
    if not visit.may_add_patients:
        raise Forbidden(_("cannot add patients: you act for no hospital of this study; ask a project administrator"))
    return show(request, visit, "hospitals/add_patients_page.html", replaces=_replaced(request, visit))


def _replaced(request: HttpRequest, visit: Visit) -> Batch | None:
    name = request.GET.get("replaces", "")
    batch = batch_by_name(visit.study, name, visit.hospital) if name else None
    return None if batch is None or batch.state == Batch.State.WITHDRAWN else batch


@require_safe
def what_leaves(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    profile, dictionary = profile_of(visit.study.profile), visit.facts.dictionary
    columns = 0 if dictionary is None else len(DataDictionary.from_csv(dictionary.csv).columns)
    block_bytes = block_payload_bytes(profile, columns)
    template = "hospitals/add_patients_leaves.html"
    return show(request, visit, template, profile=profile, columns=columns, block_bytes=block_bytes)
