"""What was asked of the custodian: the server's side of the custodian's own ledger."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitals.views.entry import Right, enter, show
from training.selectors.pages import request_lines
from training.selectors.request_page import counts_by_kind, custodian_note, with_rules
from training.selectors.requests import REQUESTS_PER_PAGE, requests_of


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_REQUESTS)
    page = Paginator(requests_of(visit.study), REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        visit,
        "training/requests.html",
        page=page,
        lines=with_rules(visit.study, request_lines(visit.facts.marks, page.object_list)),
        kinds=counts_by_kind(visit.study),
        note=custodian_note(visit.study),
        custodian_seen=visit.facts.custodian_seen,
    )
