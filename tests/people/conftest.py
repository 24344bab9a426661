"""The world of tests/pages, for people, institutions and the audit log."""

import pytest
from django.core.cache import cache

from tests.pages.conftest import empty, made_once, world

__all__ = ["empty", "made_once", "world"]


@pytest.fixture(autouse=True)
def _fresh_counters():
    """Attempts of one test do not count against the next."""
    cache.clear()
