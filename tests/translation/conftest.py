"""The compiled catalogue is a build output: it is made anew here, so that a test never reads an old one."""

import pytest
from django.utils.translation import trans_real

from tests.pages.conftest import made_once, world  # noqa: F401  fixtures
from tools import catalogues


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogue() -> None:
    catalogues.main()
    trans_real._translations.clear()
