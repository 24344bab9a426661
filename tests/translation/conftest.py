"""The compiled catalogue is a build output: it is made anew here, so that a test never reads an old one."""

from collections.abc import Iterator

import pytest
from django.utils.translation import deactivate, trans_real

from tests.pages.conftest import made_once, world  # noqa: F401  fixtures
from tools import catalogues


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogue() -> None:
    catalogues.main()
    trans_real._translations.clear()


@pytest.fixture(autouse=True)
def language_ends_with_the_test() -> Iterator[None]:
    """A Korean page leaves its language to the thread, and so to whatever test comes next."""
    yield
    deactivate()
