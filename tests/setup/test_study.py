"""Drafting and publishing a study: what is checked, what is fixed, who is told no."""

import pytest
from django.db import IntegrityError, transaction

from hefed.core.dictionary.variables import HEADER, DataDictionary
from hefed.core.errors import BadInput, Conflict, DictionaryInvalid
from hefed.core.protocol.uploads import StudyRules
from hefed.core.words import Said
from hefed.custodian.desk.policy import Policy, tightened
from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch
from hospitals.dictionaries.forms import CELL_HELP
from hospitals.institutions.models import Institution
from hospitals.keys.custody import decide_custody
from hospitals.keys.selectors import ONE_CUSTODIAN
from hospitals.people.models import User
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study, Terms
from hospitals.studies.services import RULES as STUDY_RULES
from hospitals.studies.services import (
    THRESHOLDS,
    StudyName,
    add_institution,
    change_question,
    change_rules,
    draft_study,
    publish_draft,
    publish_study,
    save_draft,
)
from hospitals.studies.setup import draft_rows, example_row, set_up_state
from hospitals.studies.terms import accept_terms, must_accept, publish_terms
from tests.custodian.cohort import DICTIONARY_CSV
from tests.server.conftest import Api, ApiFor
from tests.words.raises import says

RULES = {name: getattr(Study(), name) for name in STUDY_RULES} | {"minimum_rows": 80, "small_cell": 9, "key_days": 90}
ROWS = [variable.cells() for variable in DataDictionary.from_csv(DICTIONARY_CSV).variables]


@pytest.fixture
def draft(admin: User) -> Study:
    return draft_study(named=StudyName("sepsis", "Sepsis", "Who dies?"), profile="N14_L9", by=admin)


@pytest.fixture
def north(study: Study) -> Institution:
    return Institution.objects.get(slug="north")


@pytest.fixture
def ready(draft: Study, north: Institution, admin: User) -> Study:
    save_draft(study=draft, rows=ROWS, notes={}, by=admin)
    add_institution(study=draft, institution=north, by=admin)
    decide_custody(study=draft, custody=ONE_CUSTODIAN, by=admin)
    publish_terms(study=draft, text="Agree.", by=admin)
    return draft


def test_ready_draft_becomes_an_open_study_with_dictionary_version_1(ready: Study, admin: User):
    publish_study(study=ready, by=admin)
    ready.refresh_from_db()
    assert ready.state == Study.State.OPEN
    assert ready.dictionary_versions.get().csv == DataDictionary.from_csv(DICTIONARY_CSV).to_csv()
    assert AuditEvent.objects.filter(action="study.published", study="sepsis").exists()


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("dictionary", "studies.dictionary_empty"),
        ("hospital", "studies.nobody_invited"),
        ("custody", "keys.nobody_decided"),
        ("terms", "studies.no_terms"),
    ],
)
def test_draft_that_lacks_something_is_not_published(ready: Study, admin: User, missing: str, code: str):
    if missing == "dictionary":
        ready.dictionary_draft.delete()
    elif missing == "hospital":
        ready.studyinstitution_set.all().delete()
    elif missing == "custody":
        Study.objects.filter(pk=ready.pk).update(key_parties=None, key_threshold=None)
        ready.refresh_from_db()
    else:
        Terms.objects.filter(study=ready).delete()
    assert not set_up_state(StudyFacts(ready)).ready
    with says(code, Conflict):
        publish_study(study=ready, by=admin)
    assert Study.objects.get(pk=ready.pk).state == Study.State.DRAFT


def test_wrong_dictionary_is_kept_as_a_draft_and_never_published(ready: Study, admin: User):
    wrong = [{**cells, "scale": "0"} if cells["kind"] == "continuous" else cells for cells in ROWS]
    save_draft(study=ready, rows=wrong, notes={}, by=admin)
    problem = set_up_state(StudyFacts(ready)).problems[0]
    assert (problem.facts["column"], problem.facts["what"]) == ("scale", Said("dictionary.scale_positive"))
    with pytest.raises(DictionaryInvalid):
        publish_study(study=ready, by=admin)


def test_question_of_a_published_study_is_fixed(ready: Study, admin: User):
    publish_study(study=ready, by=admin)
    ready.refresh_from_db()
    with says("studies.question_published", Conflict):
        change_question(study=ready, name="Other", question="Other?", by=admin)


def test_thresholds_of_a_published_study_only_become_stricter(ready: Study, admin: User):
    change_rules(study=ready, rules=RULES, by=admin)
    publish_study(study=ready, by=admin)
    with says("studies.only_stricter", Conflict):
        change_rules(study=ready, rules={**RULES, "small_cell": 8}, by=admin)
    change_rules(study=ready, rules={**RULES, "small_cell": 12}, by=admin)
    assert Study.objects.get(pk=ready.pk).small_cell == 12


@pytest.mark.parametrize("name", THRESHOLDS)
def test_no_threshold_goes_below_the_floor_in_service_or_database(draft: Study, admin: User, name: str):
    with says("studies.below_floor", BadInput, floor=5):
        change_rules(study=draft, rules={**RULES, name: 4}, by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=draft.pk).update(**{name: 4})


def test_custodian_gets_the_rules_and_applies_the_stricter_of_both(study: Study, admin: User, api_for: ApiFor):
    change_rules(study=study, rules=RULES, by=admin)
    custodian: Api = api_for("custodian")
    policy = tightened(Policy(minimum_rows=60), custodian.package().rules)
    assert (policy.minimum_rows, policy.disclosure.small_cell) == (80, 9)


def test_as_many_agents_as_shall_hold_shares_can_be_asked_and_of_a_published_study_not_fewer(ready: Study, admin: User):
    Study.objects.filter(pk=ready.pk).update(key_threshold=2, key_parties=3)
    with says("studies.too_many_agents", BadInput, holders=3):
        change_rules(study=ready, rules={**RULES, "agents_must_approve": 4}, by=admin)
    change_rules(study=ready, rules={**RULES, "agents_must_approve": 2}, by=admin)
    Study.objects.filter(pk=ready.pk).update(state=Study.State.OPEN)
    with says("studies.only_stricter", Conflict, present=2):
        change_rules(study=ready, rules={**RULES, "agents_must_approve": 1}, by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=ready.pk).update(agents_must_approve=10)


def test_agents_cannot_be_asked_where_one_custodian_holds_the_key(study: Study, published: Api, admin: User):
    with says("studies.no_agents_to_ask", BadInput):
        change_rules(study=study, rules={**RULES, "agents_must_approve": 1}, by=admin)


def test_where_agents_must_approve_every_result_waits_for_a_release():
    rules = StudyRules(minimum_rows=5, small_cell=5, round_to=5, min_events=5, curve_events=5, agents_must_approve=2)
    found = tightened(Policy(release="automatic"), rules)
    assert (found.release, found.agents_must_approve) == ("approval", 2)
    assert tightened(Policy(agents_must_approve=3), rules).agents_must_approve == 3
    assert tightened(Policy(release="hold", agents_must_approve=1), None).release == "approval"


def test_loose_rules_of_a_server_loosen_nothing():
    loose = StudyRules(minimum_rows=5, small_cell=5, round_to=5, min_events=5, curve_events=5)
    assert tightened(Policy(), loose) == Policy()


def test_terms_that_changed_must_be_accepted_anew(study: Study, north: Institution, admin: User):
    first = publish_terms(study=study, text="One.", by=admin)
    accept_terms(terms=first, institution=north, by=admin)
    assert must_accept(study, north) is None
    second = publish_terms(study=study, text="Two.", by=admin)
    assert must_accept(study, north) == second
    with says("studies.terms_replaced", Conflict):
        accept_terms(terms=first, institution=north, by=admin)


def test_editor_begins_with_the_dictionary_in_force(study: Study):
    assert [row.cells["name"] for row in draft_rows(StudyFacts(study))][: len(ROWS)] == [
        cells["name"] for cells in ROWS
    ]


def test_next_version_is_published_from_the_draft(study: Study, admin: User):
    save_draft(study=study, rows=ROWS, notes={}, by=admin)
    publish_draft(study=study, outdates=0, by=admin)
    assert [version.number for version in study.dictionary_versions.all()] == [1, 2]
    assert Batch.objects.count() == 0


def test_made_up_patient_of_the_template_follows_the_dictionary():
    dictionary = DataDictionary.from_csv(DICTIONARY_CSV)
    assert len(example_row(dictionary)) == len(dictionary.variables)


def test_editor_offers_what_a_cell_may_hold_and_keeps_what_it_may_not(study: Study, admin: User):
    """A wrong value stays to be seen: it must not turn into another one because a list lacks it."""
    save_draft(study=study, rows=[ROWS[0], {**ROWS[1], "kind": "numeric"}], notes={}, by=admin)
    first, second = ({field.name: field for field in row.fields} for row in draft_rows(StudyFacts(study))[:2])
    assert first["role"].choices == ("", "id", "feature", "outcome")
    assert first["kind"].choices == ("", "continuous", "binary", "categorical")
    assert first["name"].choices == ()
    assert second["kind"].choices[-1] == second["kind"].value == "numeric"


def test_every_cell_of_the_editor_is_explained():
    assert tuple(CELL_HELP) == HEADER
