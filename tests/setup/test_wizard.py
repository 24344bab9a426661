"""The set-up in a real browser: from nothing to a published study, and what a changed dictionary would do."""

from pathlib import Path

import pytest
from django.contrib.staticfiles.testing import StaticLiveServerTestCase

from hospitals.dictionaries.models import DictionaryVersion
from hospitals.studies.models import Study
from tests.pages import look
from tests.pages.factory import PASSWORD, full_world

pytestmark = pytest.mark.browser
REDCAP = Path(__file__).parent / "redcap.csv"
ROW_OF = {"age": 1, "creatinine": 8, "bmi": 9}  # lines of the editor with a continuous variable
OUTCOME_ROW = 10


class Wizard(StaticLiveServerTestCase):
    def setUp(self) -> None:
        full_world()

    def test_study_is_drafted_from_a_redcap_file_and_published(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            console, faults = look.problems_of(tab), []
            self._draft(tab)
            faults += look.faults(tab)
            self._dictionary(tab)
            faults += look.faults(tab)
            self._rest(tab)
            tab.click("button:has-text('Publish the study')")
            tab.wait_for_selector("text=The study is published")
            faults += look.faults(tab)
            assert [*console, *faults] == []
        study = Study.objects.get(slug="sepsis")
        assert (study.state, study.small_cell) == ("open", 9)
        assert DictionaryVersion.objects.get(study=study).number == 1

    def test_effect_of_a_new_dictionary_is_shown_on_a_telephone_before_it_is_published(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            tab.set_viewport_size({"width": 390, "height": 800})
            tab.goto(self.live_server_url + look.address("edit-dictionary"))
            tab.click("text=Save the draft")
            text = tab.inner_text("section.next-step")
            assert "6 batches would no longer be trained with" in text
            assert "Daegu Medical Center" in text
            assert "is under way" in text
            assert look.faults(tab) == []

    def _draft(self, tab) -> None:
        tab.goto(self.live_server_url + "/new-study/")
        tab.fill("#id_name", "Death after sepsis")
        tab.fill("#id_question", "Which patients with sepsis die within 30 days?")
        tab.fill("#id_slug", "sepsis")
        tab.click("text=Draft the study")
        tab.wait_for_url("**/studies/sepsis/set-up/")

    def _dictionary(self, tab) -> None:
        tab.click("text=Open the dictionary")
        tab.set_input_files("#id_redcap-file", REDCAP)
        tab.click("text=Import from REDCap")
        tab.wait_for_selector("text=centre and scale are not in REDCap")
        for row in ROW_OF.values():
            tab.fill(f"[name='{row}-centre']", "50")
            tab.fill(f"[name='{row}-scale']", "10")
        tab.select_option(f"[name='{OUTCOME_ROW}-role']", "outcome")
        tab.click("text=Save the draft")
        tab.wait_for_selector("text=The draft is saved")
        assert tab.locator("text=to settle before it can be published").count() == 0

    def _rest(self, tab) -> None:
        tab.goto(self.live_server_url + "/studies/sepsis/set-up/")
        tab.fill("#id_small_cell", "9")
        tab.click("text=Save the rules")
        tab.click("button:has-text('Invite')")
        tab.click("text=Save who holds the key")
        tab.wait_for_selector("text=It is decided who holds the key: one custodian")
        tab.fill("#id_text", "Encrypted rows are used for this question only.")
        tab.click("text=Publish the terms")
        tab.wait_for_selector("text=Version 1 of the terms is in force")
