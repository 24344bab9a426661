"""Templates and static files keep to the content security policy and to what is vendored."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hefed.front.templatetags.pages import BATCH_ICONS
from tools import vendor_assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
ONE_TEXT = re.compile(r'^\s*"[^"]*",?$')


def lines(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(path.read_text().splitlines(), 1)


def is_long(line: str) -> bool:
    return len(line) > 120 and not ONE_TEXT.match(line)


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


def test_lines_of_templates_can_be_read():
    long = [f"{path.name}:{number}" for path in TEMPLATES for number, line in lines(path) if len(line) > 120]

    assert long == []


def test_lines_of_scripts_and_styles_can_be_read():
    """A line that is one text stays whole, so that the text can be searched for."""
    files = [path for path in (ROOT / "static").rglob("*.*s") if not {"vendor", "i18n"} & set(path.parts)]
    long = [f"{path.name}:{number}" for path in files for number, line in lines(path) if is_long(line)]

    assert files
    assert long == []


def test_no_template_draws_the_badge_of_a_state_by_hand():
    by_hand = re.compile(r"{% elif [^%]*%}\s*{% lock ")

    assert [path.name for path in TEMPLATES if by_hand.search(path.read_text())] == []


def test_every_icon_of_a_batch_is_vendored():
    assert set(BATCH_ICONS.values()) <= set(vendor_assets.ICONS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_is_type_checked(path: Path):
    assert path.read_text().startswith("// @ts-check")


def test_no_page_promises_what_cannot_be_promised():
    words = " ".join(path.read_text().lower() for path in TEMPLATES)

    assert "anonym" not in words
    assert "100 % secure" not in words
    assert "completely secure" not in words
