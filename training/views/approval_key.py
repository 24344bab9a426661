"""The page where a person makes the key that signs releases; its private half never leaves the browser."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hospitals.views.entry import signed_in
from training.models import ApproverKey
from training.selectors.releases import key_in_use


@require_safe
def approval_key(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    old = ApproverKey.objects.filter(user=user, retired_at__isnull=False).order_by("-retired_at")
    return render(request, "training/approval_key.html", {"key": key_in_use(user), "old": old})
