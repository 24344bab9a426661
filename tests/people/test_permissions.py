"""The table in the code is the table in the documentation."""

from pathlib import Path

import pytest

from hospitals.people.models import Role
from hospitals.people.permissions import RIGHTS, Right, allows, as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs/permissions.md"


def test_documentation_shows_the_table_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), "run: manage.py permissions > docs/permissions.md"


def test_every_right_is_in_the_table():
    assert set(RIGHTS) == set(Right)


@pytest.mark.parametrize("right", list(Right))
def test_platform_administrators_have_every_right_and_clinicians_only_read(right: Right):
    assert allows(right, [Role.PLATFORM_ADMINISTRATOR])
    assert not allows(right, [Role.CLINICIAN]) or right.startswith("see")
