"""Pages in a real browser: no script error, no stopped style, no accessibility fault, nothing wider than the screen."""

import pytest
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.utils import timezone

from tests.pages import look
from tests.pages.factory import PASSWORD, full_world
from training.jobs.models import Job, Round

pytestmark = pytest.mark.browser


class Browser(StaticLiveServerTestCase):
    def setUp(self) -> None:
        full_world()

    def test_pages_have_no_script_error_no_accessibility_fault_and_fit_the_screen(self) -> None:
        study = ["today-administrator", "overview", "launch", "job-running", "requests", "results", "result", "terms"]
        pages = ["home", *study, "edit-dictionary", "audit"]

        assert list(look.shots(self.live_server_url, pages, looks=2)) == []

    def test_estimate_follows_the_ticks_without_a_reload(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            tab.goto(self.live_server_url + look.address("launch"))
            tab.uncheck("input[value=seoul]")
            tab.wait_for_selector("text=Launch on 2 hospitals")
            assert "1,552" in tab.inner_text("#estimate")

    def test_theme_switch_stays_after_a_reload(self) -> None:
        with look.tab(self.live_server_url, "dana", PASSWORD) as tab:
            before = tab.get_attribute("html", "data-bs-theme")
            tab.click("[data-theme-toggle]")
            tab.reload()
            assert tab.get_attribute("html", "data-bs-theme") != before

    def test_destructive_button_stays_off_until_the_id_is_typed(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            tab.goto(self.live_server_url + look.address("job-running"))
            assert tab.is_disabled("text=Cancel the job >> nth=-1")
            tab.fill("#confirm", "job-0005")
            assert tab.is_enabled("button:has-text('Cancel the job')")

    def test_legend_hides_a_hospital(self) -> None:
        with look.tab(self.live_server_url, "dana", PASSWORD) as tab:
            tab.goto(self.live_server_url + look.address("result"))
            canvas = "[data-chart=figure-roc]"
            tab.wait_for_selector(f"{canvas} .scatterlayer .trace")
            before = tab.locator(f"{canvas} .scatterlayer .trace").count()
            tab.uncheck(".chart:has([data-chart=figure-roc]) input[data-series=daegu]")
            tab.wait_for_function(f"document.querySelectorAll('{canvas} .scatterlayer .trace').length === {before - 1}")

    def test_hospitals_are_drawn_in_different_colours_with_and_without_motion(self) -> None:
        with look.tab(self.live_server_url, "dana", PASSWORD) as tab:
            for motion in ("reduce", "no-preference"):
                tab.emulate_media(reduced_motion=motion)
                tab.goto(self.live_server_url + look.address("result"))
                lines = tab.locator("[data-chart=figure-roc] .scatterlayer .js-line")
                lines.first.wait_for(state="attached")
                colours = lines.evaluate_all("(all) => all.map((line) => getComputedStyle(line).stroke)")
                assert len(set(colours)) == 4  # the diagonal, two hospitals (one is suppressed), the pool

    def test_page_says_when_the_server_does_not_answer_and_when_it_does_again(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            tab.goto(self.live_server_url + look.address("job-running"))
            tab.route("**/live/", lambda route: route.abort())
            tab.wait_for_selector("#connection", state="visible")
            tab.unroute("**/live/")
            tab.wait_for_selector("#connection", state="hidden")

    def test_chart_of_a_running_job_gets_the_point_of_a_round_that_is_answered(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            problems = look.problems_of(tab)
            tab.goto(self.live_server_url + look.address("job-running"))
            points = ".chart .scatterlayer .point"
            tab.wait_for_selector(points)
            before = tab.locator(points).count()
            answer_a_round("job-0005")
            tab.locator(points).nth(before).wait_for(state="attached")
            assert problems == []

    def test_cancel_leaves_the_page_when_the_job_ends(self) -> None:
        for who, seen in (("alice", True), ("bob", False)):
            with look.tab(self.live_server_url, who, PASSWORD) as tab:
                problems = look.problems_of(tab)
                tab.goto(self.live_server_url + look.address("job-waiting"))
                assert tab.is_visible("text=Cancel this job") == seen
                end("job-0006")
                tab.wait_for_selector("text=No round is left")
                assert not tab.is_visible("text=Cancel this job")
                assert problems == []
            begin("job-0006")

    def test_menu_is_a_sheet_on_a_telephone(self) -> None:
        with look.tab(self.live_server_url, "alice", PASSWORD) as tab:
            tab.set_viewport_size({"width": 390, "height": 800})
            assert not tab.is_visible(".side a >> text=Jobs")
            tab.click(".sheet-button")
            tab.click(".side a >> text=Jobs")
            tab.wait_for_url("**/jobs/")


def answer_a_round(name: str) -> None:
    """A criterion is known of one round more, as after an answer of the custodian's."""
    one = Round.objects.filter(job__number=int(name[-4:]), criterion=None).latest("number")
    one.criterion, one.state, one.finished_at = 0.01, Round.State.ANSWERED, timezone.now()
    one.save()


def end(name: str) -> None:
    Job.objects.filter(number=int(name[-4:])).update(
        state=Job.State.FAILED, reason="No round is left", finished_at=timezone.now()
    )


def begin(name: str) -> None:
    Job.objects.filter(number=int(name[-4:])).update(state=Job.State.RUNNING, reason="", finished_at=None)
