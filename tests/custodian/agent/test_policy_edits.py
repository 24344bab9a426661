"""A policy that is edited while the agent runs, and rules of a study that are stricter or laxer than it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hefed.core.protocol.requests import Request
from hefed.core.protocol.uploads import StudyPackage, StudyRules
from hefed.custodian.agent.loop import Agent
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.store import Home
from tests.custodian.conftest import NORTH, finish
from tests.custodian.fake_server import FakeServer
from tests.custodian.worlds import Moment, admitted  # noqa: F401  fixtures


@pytest.fixture
def home(admitted: Moment, tmp_path: Path) -> Home:  # noqa: F811
    return admitted.home_in(tmp_path)


@pytest.fixture
def server(admitted: Moment) -> Iterator[FakeServer]:  # noqa: F811
    """Both batches were admitted."""
    with admitted.serving() as fake:
        yield fake


def set_policy(home: Home, *settings: str) -> None:
    home.policy.write_text("\n".join(['release = "automatic"', *settings, ""]))


def answers(home: Home, request: Request) -> int:
    return sum(line.request == request.request for line in read_lines(home.ledger))


# ---- a policy that changes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    ['kinds = ["admission"]', "minimum_rows = 100000", 'institutions = ["east"]', 'pools = [["north", "east"]]'],
)
def test_a_rule_that_is_added_during_a_job_stops_it_at_the_next_round_and_taking_it_back_does_not_revive_it(
    server: FakeServer, agent: Agent, home: Home, settings: str
) -> None:
    moments = server.launch("j1", ["b1", "b2"])
    agent.poll()
    gradient = server.proceed(moments)
    assert gradient is not None
    set_policy(home, settings)
    agent.poll()
    assert server.answer(gradient.request).outcome == "refused"
    set_policy(home)
    payload = server.payloads[gradient.request]
    again = server.ask("gradient", gradient.cohort, payload, job="j1", round=1, request="again")
    agent.poll()
    assert server.answer(again.request).outcome == "next"  # a refusal opened nothing: the round may be asked again
    assert server.answers[gradient.request] != server.answers[again.request]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "requests_per_day = 0",
        "minimum_rows = 4",
        'release = "never"',
        "approvals = 1",
        "[disclosure]\nround_to = 10",
    ],
)
def test_a_policy_that_is_broken_while_the_agent_runs_opens_nothing_until_it_is_mended(
    server: FakeServer, agent: Agent, home: Home, text: str
) -> None:
    before = home.policy.read_text()
    home.policy.write_text(text)
    request = server.upload("b1", "north", *NORTH)
    if not text:  # an empty file is the default policy
        agent.poll()
        assert server.answer(request.request).outcome == "admitted"
        return
    agent.run(once=True)
    assert server.posts == []
    assert answers(home, request) == 0
    home.policy.write_text(before)
    agent.run(once=True)
    assert server.answer(request.request).outcome == "admitted"


def test_a_policy_that_is_missing_opens_nothing(server: FakeServer, agent: Agent, home: Home) -> None:
    home.policy.unlink()
    request = server.upload("b1", "north", *NORTH)
    agent.run(once=True)
    assert (server.posts, answers(home, request)) == ([], 0)


def test_a_result_waits_for_signatures_once_the_policy_says_so_before_its_evaluation(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    request: Request | None = server.launch("j1", ["b1", "b2"])
    while request is not None and request.kind != "evaluation":
        agent.poll()
        request = server.proceed(request)
    assert request is not None
    home.policy.write_text('release = "approval"\n')
    agent.poll()
    answer = server.answer(request.request)
    assert (answer.outcome, answer.result) == ("sealed", None)


# ---- the study's rules -----------------------------------------------------------------------------------------------


def with_rules(server: FakeServer, monkeypatch: pytest.MonkeyPatch, **rules: int) -> None:
    package: Callable[[], StudyPackage] = server.package
    defaults = {"minimum_rows": 5, "small_cell": 5, "round_to": 5, "min_events": 5, "curve_events": 5}
    wanted = StudyRules.model_validate({**defaults, **rules})
    monkeypatch.setattr(server, "package", lambda: package().model_copy(update={"rules": wanted}))


@pytest.mark.parametrize(
    ("own", "studys", "outcome"),
    [(50, 100_000, "refused"), (100_000, 50, "refused"), (50, 60, "next"), (1400, 5, "next"), (5, 1401, "refused")],
)
def test_the_larger_minimum_counts_whoever_asks_for_it(
    server: FakeServer,
    agent: Agent,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    own: int,
    studys: int,
    outcome: str,
) -> None:
    set_policy(home, f"minimum_rows = {own}")
    with_rules(server, monkeypatch, minimum_rows=studys)
    request = server.launch("j1", ["b1", "b2"])
    agent.poll()
    assert server.answer(request.request).outcome == outcome


def test_a_study_tightens_what_a_table_shows_and_cannot_loosen_it(
    server: FakeServer, agent: Agent, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for own, studys in ((5, 100), (100, 5)):
        set_policy(home, f"[disclosure]\nround_to = {own}\ncurve_events = {own}")
        with_rules(server, monkeypatch, round_to=studys, curve_events=studys)
        request = server.upload("b1", "north", *NORTH)
        agent.poll()
        table = server.answer(request.request).table_one
        assert table is not None and table.n is not None and table.events is not None
        assert (table.n % 100, table.events % 100) == (0, 0)


def test_where_the_study_asks_hospitals_agents_one_custodian_alone_lets_no_result_go(
    server: FakeServer, agent: Agent, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(server, monkeypatch, agents_must_approve=2)
    last = finish(server, agent, server.launch("j1", ["b1", "b2"]))
    assert server.answer(last.request).outcome == "sealed"
    assert (home.path / "sealed" / f"{last.request}.sealed").exists()


def test_a_study_whose_rules_contradict_each_other_makes_them_stricter_and_quarantines_nobody(
    server: FakeServer, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(server, monkeypatch, round_to=100, curve_events=5)
    request = server.upload("b1", "north", *NORTH)
    agent.poll()
    table = server.answer(request.request).table_one
    assert table is not None and table.n == 1200


@pytest.mark.parametrize(
    "changes", [{"study": "other"}, {"profile": "N14_L9"}, {"dictionary_csv": "nonsense"}, {"dictionary_csv": ""}]
)
def test_a_server_that_changes_the_study_under_a_running_agent_gets_no_answer(
    server: FakeServer, agent: Agent, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    request = server.upload("b1", "north", *NORTH)
    changed = server.package().model_copy(update=changes)
    with monkeypatch.context() as patched:
        patched.setattr(server, "package", lambda: changed)
        agent.run(once=True)
    assert server.posts == []
    agent.run(once=True)
    assert server.answer(request.request).outcome == "admitted"
