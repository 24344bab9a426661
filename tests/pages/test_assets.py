"""Templates and static files keep to the content security policy and to what is vendored."""

import re
from pathlib import Path

import pytest

from tools import vendor_assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


def test_every_icon_of_the_templates_is_vendored():
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z-]+)"', path.read_text())}

    assert used <= set(vendor_assets.ICONS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_holds_no_inline_script_or_style(path: Path):
    text = path.read_text()

    assert not re.search(r'\sstyle="|<style|\son[a-z]+="|javascript:', text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_names_no_foreign_host(path: Path):
    assert not re.search(r'(src|href|action)="(https?:)?//', path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_is_type_checked(path: Path):
    assert path.read_text().startswith("// @ts-check")


def test_no_page_promises_what_cannot_be_promised():
    words = " ".join(path.read_text().lower() for path in TEMPLATES)

    assert "anonym" not in words
    assert "100 % secure" not in words
    assert "completely secure" not in words
