"""The glossary: anybody may read it, the terms on the pages link into it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hospitals.glossary import GROUPS


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "hospitals/glossary.html", {"groups": GROUPS})
