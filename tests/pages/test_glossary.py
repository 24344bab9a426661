"""Words of the pages are explained in one place, and every link into it leads to a word that is there."""

import re
from pathlib import Path

import pytest
from django.test import Client

from hefed.front.glossary import ENTRIES, GROUPS
from tests.pages.conftest import signed_in
from tests.pages.factory import World

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
DESIGN_WORDS = (
    "study",
    "institution",
    "data-dictionary",
    "batch",
    "block",
    "pool",
    "job",
    "round",
    "request",
    "release",
)
CLINICAL = ("auroc", "auprc", "calibration", "calibration-slope", "brier", "odds-ratio", "prevalence", "interval")


@pytest.mark.django_db
def test_anybody_reads_every_word_at_its_anchor():
    page = Client().get("/glossary/").content.decode()

    for slug in ENTRIES:
        assert page.count(f'<div id="{slug}"') == 1, slug
        assert f'href="#{slug}"' in page
    assert set(DESIGN_WORDS) | set(CLINICAL) <= set(ENTRIES)
    assert sum(len(group.entries) for group in GROUPS) == len(ENTRIES)


def test_every_term_on_a_page_is_in_the_glossary():
    used = {slug for path in TEMPLATES.rglob("*.html") for slug in re.findall(r'{% term "([\w-]+)"', path.read_text())}

    assert len(used) >= 8
    assert used <= set(ENTRIES)


def test_result_page_links_its_numbers_to_their_explanation(world: World):
    page = signed_in(world, "clinician").get("/studies/icu-death/results/job-0001/").content.decode()

    for slug in ("auroc", "auprc", "brier", "calibration", "calibration-slope", "odds-ratio"):
        assert f'href="/glossary/#{slug}"' in page
    assert "0.5 is a coin toss" in page  # the explanation itself is the link's description


def test_footer_of_every_page_leads_to_it(world: World):
    assert 'href="/glossary/"' in signed_in(world, "auditor").get("/studies/icu-death/audit/").content.decode()
