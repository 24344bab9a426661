"""The one place where errors become answers: error class -> status; its text is the sentence that a person reads."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from hefed.core.errors import BadInput, Conflict, HEFedError, PolicyRefused, RemoteFailed
from hospitals.people.access import Busy, Forbidden, NotFound, TooLarge, Unauthorised
from hospitals.words import page_words

GetResponse = Callable[[HttpRequest], HttpResponse]

STATUS: tuple[tuple[type[HEFedError], int], ...] = (  # the first match counts
    (Unauthorised, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (TooLarge, 413),
    (Conflict, 409),
    (PolicyRefused, 409),
    (BadInput, 422),
    (RemoteFailed, 502),
    (Busy, 503),
)


def status_of(error: HEFedError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def error_body(error: HEFedError) -> dict[str, Any]:
    """What programs read of an error: its words in the language of the request, its code and its facts."""
    return {"error": page_words(error), **error.said.to_json()}


class ErrorPages:
    """Turns a HEFedError that a view raised into a page (``error.html``) with the error's own words.

    A page's script that asks for JSON gets the same words with the code: ``{"error", "code", "facts"}``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, HEFedError):
            return None
        status = status_of(error)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(error_body(error), status=status)
        return render(request, "error.html", {"message": page_words(error), "status": status}, status=status)


class ContentSecurityPolicy:
    """Only our own files run: no inline script, no foreign host. A worker obeys the policy of its own script."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = _text(settings.HEFED_CONTENT_SECURITY_POLICY)
        policies = settings.HEFED_WORKER_POLICIES.items()
        self.of_workers = {settings.STATIC_URL + script: _text(policy) for script, policy in policies}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = self.of_workers.get(request.path, self.policy)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def _text(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
