"""The world of tests/pages, for people, institutions and the audit log."""

from tests.pages.conftest import empty, made_once, world

__all__ = ["empty", "made_once", "world"]
