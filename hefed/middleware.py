"""What every request passes: limits, headers, a full disk said as such."""

import errno
import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import bad_request, server_error

from hefed.core.errors import BadInput, Conflict, HEFedError, PolicyRefused, RemoteFailed
from hefed.core.words import Said
from hospitals.people.permissions import Busy, Forbidden, NotFound, TooLarge, Unauthorised
from hospitals.words import page_words

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # the disk, a quota, the largest file allowed
_POSTGRESQL_DISK_FULL = "53100"
_SQLITE_PRIMARY_CODE = 0xFF  # the bits above it only refine it


def is_disk_full(error: BaseException) -> bool:
    """Whether the error, or one that it came from, says that nothing more can be written."""
    return any(_says_full(one) for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it was raised from, as far back as Python remembers."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & _SQLITE_PRIMARY_CODE == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL


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
_BY_STATUS = {
    403: Said("server.not_allowed"),
    404: Said("server.no_address"),
    405: Said("server.no_method"),
    413: Said("server.too_large"),
    429: Said("server.too_often"),
}


def status_of(error: HEFedError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def error_body(error: HEFedError | Said) -> dict[str, Any]:
    """What programs read of an error: its words in the language of the request, its code and its facts."""
    said = error.said if isinstance(error, HEFedError) else error
    return {"error": page_words(said), **said.to_json()}


class ErrorPages:
    """Turns a HEFedError that a view raised into a page (``error.html``) with the error's own words.

    A page's script that asks for JSON gets the same words with the code: ``{"error", "code", "facts"}``. A full disk
    has a page of its own.
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
            return JsonResponse(error_body(error), status=status)
        return render(request, "error.html", {"message": page_words(error), "status": status}, status=status)


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
        response: HttpResponse = JsonResponse(error_body(Said("server.disk_full")), status=_DISK_FULL)
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
            response.content = json.dumps(error_body(_what_happened(response.status_code))).encode()
            response["Content-Type"] = "application/json"
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response


def _says_error(response: HttpResponse) -> bool:
    try:
        return isinstance(json.loads(response.content)["error"], str)
    except (ValueError, KeyError, TypeError):
        return False


def _what_happened(status: int) -> Said:
    failed, refused = Said("server.failed"), Said("server.not_taken")
    return _BY_STATUS.get(status, failed if status >= 500 else refused)


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
