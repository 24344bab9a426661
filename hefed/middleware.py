"""The one place where errors become answers: error class -> status; its text is the sentence that a person reads."""

import json
import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import bad_request, server_error

from hefed.errors import BadInput, Conflict, HEFedError, PolicyRefused, RemoteFailed
from hefed.full_disk import is_disk_full
from hospitals.access import Busy, Forbidden, NotFound, TooLarge, Unauthorised

GetResponse = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger(__name__)

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
_API = "/api/"
_DISK_FULL = 507
_DISK_FULL_RETRY_SECONDS = 10


def status_of(error: HEFedError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


class ErrorPages:
    """Turns a HEFedError that a view raised into a page (``error.html``) with the error's own words.

    A page's script that asks for JSON gets the same words as ``{"error"}``. A full disk has a page of its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_disk_full(error):
            return _disk_full(request, error)
        if not isinstance(error, HEFedError):
            return None
        status = status_of(error)
        if _wants_json(request):
            return JsonResponse({"error": str(error)}, status=status)
        return render(request, "error.html", {"message": str(error), "status": status}, status=status)


def answer_failure(request: HttpRequest) -> HttpResponse:
    """What Django calls (``handler500``) for errors that no view's answer covers, such as a session that is saved last.

    Called while the error is handled, so that it can be asked for.
    """
    error = sys.exception()
    if error is not None and is_disk_full(error):
        return _disk_full(request, error)
    return server_error(request)


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler400``. A session that could not be saved looks to Django like one that has ended meanwhile."""
    return _disk_full(request, exception) if is_disk_full(exception) else bad_request(request, exception)


def _disk_full(request: HttpRequest, error: BaseException) -> HttpResponse:
    """507, as a sentence or as a page that needs no database."""
    _log.error("the disk or the database is full: %s %s: %s", request.method, request.path, error)
    if _wants_json(request):
        sentence = _("cannot store anything: the server's disk is full; wait and try again, and tell its administrator")
        response: HttpResponse = JsonResponse({"error": sentence}, status=_DISK_FULL)
    else:
        response = render(None, "507.html", status=_DISK_FULL)
    response["Retry-After"] = str(_DISK_FULL_RETRY_SECONDS)
    return response


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(_API) or "application/json" in request.headers.get("Accept", "")


class ApiErrors:
    """Sees every answer of the API last: an error without ``{"error"}``, such as Django's own, gets it here.

    So a program that reads one kind of error reads them all: an unknown address, a method that is not taken, a foreign
    host name, a failure of the server.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(_API) and response.status_code >= 400 and not _says_error(response):
            response.content = json.dumps({"error": _api_sentence(response.status_code)}).encode()
            response["Content-Type"] = "application/json"
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response


def _says_error(response: HttpResponse) -> bool:
    try:
        return isinstance(json.loads(response.content)["error"], str)
    except (ValueError, KeyError, TypeError):
        return False


def _api_sentence(status: int) -> str:
    sentences = {
        403: _("cannot do this: the server does not allow it to this caller; use a token or a sign-in that may"),
        404: _("cannot answer: there is nothing at this address; see the addresses at /api/v1/docs"),
        405: _("cannot answer: this address does not take this method; see what it takes at /api/v1/docs"),
        413: _("cannot read the message: it is larger than this address takes; send less"),
        429: _("cannot answer: this was asked too often; wait five minutes and try again"),
    }
    failed = _("cannot answer: the server failed; try again, and tell the platform administrator if it comes back")
    refused = _("cannot read the request: its address, host name or form is not taken here; see /api/v1/docs")
    return sentences.get(status, failed if status >= 500 else refused)


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
