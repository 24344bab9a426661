"""The HTTP API under /api/v1/: routers of both apps, and the one translation of errors into answers."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from hefed.core.errors import HEFedError
from hefed.core.words import Said
from hefed.front.api.custodian import presence_router
from hefed.front.api.custodian import router as training_router
from hefed.front.api.custodian import sharing_router as share_router
from hefed.front.api.encryptor import router as hospitals_router
from hefed.front.api.releases import router as release_router
from hefed.front.api.releases import verdict_router
from hefed.middleware import error_body, status_of
from hospitals.batches.uploads import WrongOffset
from hospitals.people.permissions import Busy

_ERROR = {
    "description": "`error` says what cannot be done, which fact, and what to do; programs read `code` and `facts`",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "error": {"type": "string"},
                    "code": {"type": "string"},
                    "facts": {"type": "object"},
                },
                "required": ["error"],
            }
        }
    },
}
_STATUSES = ("400", "401", "403", "404", "405", "409", "413", "422", "429", "500", "503", "507")


class DocumentedApi(NinjaAPI):
    """Every call may be refused in the same ways; the page says so."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for operation in methods.values():
                operation["responses"].update((status, _ERROR) for status in _STATUSES)
        return schema


api = DocumentedApi(title="HEFed", version="1", urls_namespace="api", docs_url="/docs")
api.add_router("", hospitals_router)
api.add_router("", training_router)
api.add_router("", release_router)
api.add_router("", verdict_router)
api.add_router("", share_router)
api.add_router("", presence_router)


@api.exception_handler(HEFedError)
def answer_error(request: HttpRequest, error: HEFedError) -> HttpResponse:
    response = api.create_response(request, error_body(error), status=status_of(error))
    if isinstance(error, WrongOffset):
        response["Upload-Offset"] = str(error.right)
    if isinstance(error, Busy):
        response["Retry-After"] = "2"
    return response


@api.exception_handler(AuthenticationError)
def answer_no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _answer(request, Said("server.no_token"), 401)


@api.exception_handler(HttpError)
def answer_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, Said("server.not_json"), error.status_code)


@api.exception_handler(RequestDataTooBig)
def answer_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return _answer(request, Said("server.too_many_bytes", limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE), 413)


@api.exception_handler(ValidationError)
def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first field that is wrong; values are never repeated, they may be long or private."""
    first = error.errors[0]
    place = ".".join(str(part) for part in first["loc"][2:]) or "body"
    return _answer(request, Said("server.wrong_field", place=place, problem=first["msg"]), 422)


def _answer(request: HttpRequest, said: Said, status: int) -> HttpResponse:
    return api.create_response(request, error_body(said), status=status)
