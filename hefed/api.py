"""The HTTP API under /api/v1/: routers of both apps, and the one translation of errors into answers."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from hefed.errors import HEFedError
from hefed.middleware import status_of
from hospitals.access import Busy
from hospitals.api import router as hospitals_router
from hospitals.uploads import WrongOffset
from training.api import router as training_router

api = NinjaAPI(title="HEFed", version="1", urls_namespace="api", docs_url="/docs")
api.add_router("", hospitals_router)
api.add_router("", training_router)


@api.exception_handler(HEFedError)
def answer_error(request: HttpRequest, error: HEFedError) -> HttpResponse:
    response = api.create_response(request, {"error": str(error)}, status=status_of(error))
    if isinstance(error, WrongOffset):
        response["Upload-Offset"] = str(error.right)
    if isinstance(error, Busy):
        response["Retry-After"] = "2"
    return response


@api.exception_handler(AuthenticationError)
def answer_no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = "cannot sign in: header 'Authorization: Bearer hefed_...' is missing; send the token you were given"
    return api.create_response(request, {"error": message}, status=401)


@api.exception_handler(ValidationError)
def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first field that is wrong; values are never repeated, they may be long or private."""
    first = error.errors[0]
    place = ".".join(str(part) for part in first["loc"][2:]) or "body"
    message = f"cannot read the message: field {place}: {first['msg']}; send what the API page describes"
    return api.create_response(request, {"error": message}, status=422)
