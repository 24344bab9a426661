"""Pages say what a person needs, in every state that the world holds."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospitals.audit.models import AuditEvent
from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, Role
from hospitals.words import page_words
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.words.raises import html
from training.jobs.models import Job

STUDY = "icu-death"
TODAY = "/studies/icu-death/today/"
LANDING = {role.value: TODAY for role in Role} | {"platform_administrator": "/institutions/"}


def text(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(name, args=[STUDY, *args]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("role", LANDING)
def test_everybody_lands_where_it_stands_what_waits_for_them(world: World, role: str):
    response = signed_in(world, role).get("/")

    assert response.url == LANDING[role]


def test_somebody_without_a_study_is_told_what_to_do(world: World):
    assert b"Ask a project administrator" in signed_in(world, "stranger").get("/").content


def test_administrator_approves_an_institution(world: World):
    Institution.objects.filter(slug="busan").update(contact_verified_at=timezone.now())

    signed_in(world, "platform_administrator").post(reverse("approve-institution", args=["busan"]))

    assert Institution.objects.get(slug="busan").state == "approved"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(world: World):
    client = Client()

    response = client.post("/sign-in/", {"login": "dana", "password": PASSWORD, "next": "/studies/icu-death/keys/"})

    assert response.url == "/studies/icu-death/keys/"


def test_wrong_password_is_answered_in_words(world: World):
    response = Client().post("/sign-in/", {"login": "dana", "password": "wrong"})

    assert "Name or password is wrong" in response.content.decode()
    assert isinstance(response.wsgi_request.user, AnonymousUser)


def test_side_bar_leaves_out_what_a_role_cannot_use(world: World):
    page = text(signed_in(world, "clinician"), "results")

    links = {words.strip() for words in re.findall(r">([^<>]*)</a>", page)}
    assert "Keys" in links
    assert not {"Requests", "Tokens"} & links


def test_overview_counts_patients_and_shows_the_fingerprint_in_groups(world: World):
    page = text(signed_in(world, "project_administrator"), "study")

    assert "5,340" in page
    key = world.study.key_sets.get()
    assert f"<span>{key.fingerprint[:4]}</span><span>{key.fingerprint[4:8]}</span>" in page


def test_list_of_batches_renews_itself_only_while_something_is_on_the_way(world: World):
    client = signed_in(world, "coordinator")
    assert "every 5s" in text(client, "batches")

    world.study.batches.filter(state__in=("uploading", "checking", "custodian")).update(state="withdrawn")

    assert "every 5s" not in text(client, "batches")


def test_quarantined_batch_says_why_and_what_to_do(world: World):
    page = text(signed_in(world, "coordinator"), "batch", "batch-0004")

    assert page_words("admission.column_values")[1:] in page
    assert "on the key holders' own page" in page
    assert "What to do:" in page


def test_admitted_batch_shows_who_is_in_it(world: World):
    page = text(signed_in(world, "coordinator"), "batch", "batch-0002")

    assert "Mean blood pressure" in page
    assert "1,700" in page


def test_admitted_batch_whose_counts_stay_sealed_says_why(world: World):
    batch = world.batches["daegu"]
    batch.table_one = None
    batch.save()

    page = text(signed_in(world, "coordinator"), "batch", "batch-0002")

    assert "It shows no count before people of two institutions approve a release" in page
    assert "Mean blood pressure" not in page


def test_small_counts_of_a_batch_are_said_to_be_suppressed(world: World):
    batch = world.batches["daegu"]
    batch.table_one["variables"][1] |= {"count": None, "suppressed": "suppressed: 7 or fewer"}
    batch.save()

    assert "suppressed: 7 or fewer" in text(signed_in(world, "coordinator"), "batch", "batch-0002")


def test_batch_is_withdrawn_only_when_its_id_is_typed(world: World):
    client, batch = signed_in(world, "coordinator"), world.batches["quarantined"]
    address = reverse("withdraw-batch", args=[STUDY, batch.name])

    assert client.post(address, {"confirm": "batch-9999"}).status_code == 422
    assert client.post(address, {"confirm": batch.name}).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "withdrawn"


def test_batch_that_a_job_computes_on_is_kept(world: World):
    address = reverse("withdraw-batch", args=[STUDY, "batch-0002"])

    response = signed_in(world, "coordinator").post(address, {"confirm": "batch-0002"})

    assert response.status_code == 409
    assert html("batches.in_use", batch="batch-0002", job=world.jobs["running"].name)[1:] in response.content.decode()


def test_token_is_shown_once_and_kept_only_as_a_hash(world: World):
    client = signed_in(world, "coordinator")

    response = client.post(reverse("create-token", args=[STUDY]), {"name": "laptop", "days": 30})

    shown = response.content.decode().split('id="token-text">')[1].split("<")[0]
    assert shown.startswith("hefed_")
    assert response.headers["Cache-Control"] == "no-store"
    token = ApiToken.objects.get(name="laptop")
    assert token.scope == "encryptor"
    assert token.institution == world.hospitals["daegu"]
    assert shown not in text(client, "tokens")


def test_custodian_gets_a_custodian_token(world: World):
    signed_in(world, "custodian").post(reverse("create-token", args=[STUDY]), {"name": "new host", "days": 30})

    assert ApiToken.objects.get(name="new host").scope == "custodian"


def test_revoked_token_says_so(world: World):
    client, token = signed_in(world, "coordinator"), ApiToken.objects.get(name="research server")

    client.post(reverse("revoke-token", args=[STUDY, token.pk]))

    assert "Revoked" in text(client, "tokens")


def test_dictionary_can_be_downloaded_as_published(world: World):
    response = signed_in(world, "coordinator").get(reverse("dictionary-csv", args=[STUDY]))

    assert response.content.decode().replace("\r\n", "\n") == world.study.dictionary_versions.get().csv


def test_audit_page_proves_the_chain_and_shows_a_broken_one(world: World):
    client = signed_in(world, "auditor")
    assert "The chain is intact" in text(client, "audit")

    AuditEvent.objects.filter(number=9).update(actor="nobody")

    assert "The chain is broken at event 9" in text(client, "audit")


# ---- jobs ------------------------------------------------------------------------------------------------------------


def test_launch_page_shows_an_estimate_before_the_launch(world: World):
    page = text(signed_in(world, "project_administrator"), "launch-form")

    assert "of computing" in page
    assert "answers of the custodian" in page
    assert "Launch on 3 hospitals" in page


def test_estimate_follows_the_ticked_hospitals(world: World):
    client = signed_in(world, "project_administrator")

    page = client.get(reverse("launch-estimate", args=[STUDY]), {"hospital": ["daegu", "jeju"]}).content.decode()

    assert "1,552" in page
    assert "Launch on 2 hospitals" in page


def test_launch_without_a_hospital_is_blocked_before_the_button(world: World):
    client = signed_in(world, "project_administrator")

    page = client.get(reverse("launch-estimate", args=[STUDY])).content.decode()

    assert "No hospital is chosen" in page
    assert "disabled" in page
    assert client.post(reverse("launch", args=[STUDY])).status_code == 409


def test_launch_of_few_events_is_cautioned(world: World):
    client = signed_in(world, "project_administrator")

    page = client.get(reverse("launch-estimate", args=[STUDY]), {"hospital": "jeju"}).content.decode()

    assert "expect wide intervals" in page


def test_launch_starts_a_job_on_the_chosen_hospitals(world: World):
    client = signed_in(world, "project_administrator")

    response = client.post(reverse("launch", args=[STUDY]), {"hospital": ["daegu", "seoul"]})

    job = Job.objects.first()
    assert job is not None
    assert response.url == reverse("job", args=[STUDY, job.name])
    assert {institution.slug for institution in job.institutions.all()} == {"daegu", "seoul"}
    assert job.plan["rounds"] > 0


def test_running_job_counts_blocks_and_guesses_the_end_from_measured_rounds(world: World):
    page = text(signed_in(world, "project_administrator"), "job", "job-0005")

    assert "6 of 11 blocks" in page
    assert "left, from 3 measured rounds" in page
    assert 'hx-trigger="every 2s"' in page


def test_waiting_job_says_for_whom_it_waits(world: World):
    assert "waiting for the custodian" in text(signed_in(world, "project_administrator"), "job", "job-0006")


def test_failed_job_names_the_step_the_cause_and_offers_a_retry(world: World):
    client = signed_in(world, "project_administrator")

    page = text(client, "job", "job-0003")
    response = client.post(reverse("retry-job", args=[STUDY, "job-0003"]))

    assert "Failed in round 2 (gradient)" in page
    assert page_words("fit.deciding")[1:] in page
    assert response.url == reverse("job", args=[STUDY, "job-0008"])


def test_polling_ends_with_the_job(world: World):
    client = signed_in(world, "project_administrator")

    assert client.get(reverse("job-live", args=[STUDY, "job-0005"])).status_code == 200
    assert client.get(reverse("job-live", args=[STUDY, "job-0001"])).status_code == 286
    assert "hx-trigger" not in text(client, "job", "job-0001")


def test_job_is_cancelled_only_when_its_id_is_typed(world: World):
    client, address = signed_in(world, "project_administrator"), reverse("cancel-job", args=[STUDY, "job-0005"])

    assert client.post(address, {"confirm": "yes"}).status_code == 422
    assert client.post(address, {"confirm": "job-0005"}).status_code == 302
    assert Job.objects.get(number=5).state == "cancelled"


def test_running_job_cannot_be_tried_again(world: World):
    response = signed_in(world, "project_administrator").post(reverse("retry-job", args=[STUDY, "job-0005"]))

    assert response.status_code == 409


def test_requests_page_tells_patients_and_state(world: World):
    page = text(signed_in(world, "custodian"), "requests")

    assert "request-0001" in page
    assert "daegu 1,360" in page
    assert "Waiting" in page


# ---- results ---------------------------------------------------------------------------------------------------------


def test_result_begins_with_a_sentence_with_its_interval(world: World):
    page = text(signed_in(world, "clinician"), "result", "job-0001")

    assert "Trained on 4,272 encrypted patients of 3 hospitals; on patients it had not seen it ranks a death" in page
    assert "95 % interval" in page


def test_suppressed_hospital_says_why_in_place_of_numbers(world: World):
    page = text(signed_in(world, "clinician"), "result", "job-0001")

    assert html("disclosure.few_held_out_here", minimum=20) in page


def test_results_show_pools_against_test_hospitals(world: World):
    page = text(signed_in(world, "clinician"), "results")

    assert "Training pool against test hospital" in page
    assert page.count("job-0002") >= 2


def test_result_of_an_unfinished_job_is_not_found_in_words(world: World):
    response = signed_in(world, "clinician").get(reverse("result", args=[STUDY, "job-0005"]))

    assert response.status_code == 404
    assert (
        html("jobs.no_result", job="job-0005", state=Job.objects.get(number=5).state)[1:] in response.content.decode()
    )


@pytest.mark.parametrize("chart", ["roc", "precision-recall", "calibration", "odds-ratios", "convergence"])
def test_every_chart_downloads_as_csv_and_json(world: World, chart: str):
    client = signed_in(world, "clinician")

    table = client.get(reverse("chart-csv", args=[STUDY, "job-0001", chart])).content.decode().splitlines()
    rows = client.get(reverse("chart-json", args=[STUDY, "job-0001", chart])).json()["rows"]

    assert len(table) == len(rows) + 1
    assert len(rows) > 5


def test_unknown_chart_is_not_found(world: World):
    assert signed_in(world, "clinician").get(reverse("chart-csv", args=[STUDY, "job-0001", "pie"])).status_code == 404


def test_released_message_downloads_whole(world: World):
    released = signed_in(world, "clinician").get(reverse("result-json", args=[STUDY, "job-0001"])).json()

    assert set(released) == {"model", "metrics", "curves", "table_one", "warnings", "sealed"}
    assert released["sealed"] == []
