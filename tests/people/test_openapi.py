"""Made-up calls, drawn from the API's own description: none fails the server, none answers what is not described."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import status_code_conformance

from hefed.front.api.routes import api
from hefed.wsgi import application
from hospitals.people.tokens import issue_token
from tests.pages.factory import World

CALLS = 8  # per operation and bearer: the whole file takes some seconds


def operations() -> list[APIOperation]:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    schema.app = application
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture(autouse=True)
def _keep_connection():
    """Django closes connections after each request, and with them the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def bearers(empty: World) -> list[str]:
    """A hospital's token, the custodian's, and a wrong one."""
    daegu, coordinator, custodian = empty.hospitals["daegu"], empty.people["coordinator"], empty.people["custodian"]
    hospital = issue_token(name="server", study=empty.study, institution=daegu, by=coordinator)[1]
    return [hospital, issue_token(name="host", study=empty.study, by=custodian)[1], "hefed_wrong"]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
@settings(
    max_examples=CALLS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    database=None,
    derandomize=True,
)
@given(data=st.data())
def test_made_up_call_gets_a_described_answer(operation: APIOperation, bearers: list[str], data: st.DataObject):
    case = data.draw(operation.as_strategy())
    for bearer in bearers:
        case.headers["Authorization"] = f"Bearer {bearer}"
        case.call_and_validate(checks=[not_a_server_error, status_code_conformance])
