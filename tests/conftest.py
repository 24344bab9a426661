"""Shared fixtures. The insecure ring is registered once, before any test module is imported."""

from tests import insecure

insecure.register()
