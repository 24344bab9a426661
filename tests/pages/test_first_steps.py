"""Before there is any data: registration, and what empty pages teach."""

import pytest
from django.test import Client
from django.urls import reverse

from hospitals.institutions.models import Institution
from hospitals.studies.terms import publish_terms
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.test_pages import text
from tests.pages.test_today import waits
from tests.words.raises import html

PROOF = {"domain": "ulsan.example.org", "approval_number": "IRB 2026-04", "approval_date": "2026-04-01"}


@pytest.mark.django_db
def test_public_page_names_parties_and_offers_registration():
    page = Client().get("/").content.decode()

    assert "Key holders" in page
    assert reverse("register") in page


@pytest.mark.django_db
def test_registration_waits_for_a_decision_of_the_administrator():
    data = {
        "name": "Ulsan Hospital",
        "slug": "ulsan",
        "kind": "hospital",
        "country": "kr",
        **PROOF,
        "contact_name": "Dr Ahn",
        "contact_email": "ahn@ulsan.example.org",
    }

    response = Client().post(reverse("register"), data)

    assert response.url == reverse("registered")
    assert Institution.objects.get(slug="ulsan").state == "requested"
    assert Institution.objects.get(slug="ulsan").country == "KR"


def test_registration_with_a_taken_short_name_says_so_at_the_field(empty: World):
    data = {"name": "X", "slug": "daegu", "kind": "hospital", "country": "KR", "contact_name": "Y", **PROOF}

    response = Client().post(reverse("register"), {**data, "contact_email": "y@example.org"})

    assert response.status_code == 422
    assert html("people.short_name_taken", slug="daegu")[1:] in response.content.decode()


def test_overview_of_a_new_study_asks_for_what_waits_for_the_custodian(empty: World):
    page = text(signed_in(empty, "project_administrator"), "study")

    assert waits(empty, "custodian") == ["Enrol the custodian's machine"]
    assert "Enrol the custodian&#x27;s machine" in page
    assert "No job has run" in page


def test_results_without_any_teach_the_next_step(empty: World):
    assert "No result is released yet" in text(signed_in(empty, "clinician"), "results")


def test_empty_lists_teach_the_next_step(empty: World):
    assert "No batch has arrived yet" in text(signed_in(empty, "coordinator"), "batches")
    assert "No job yet" in text(signed_in(empty, "project_administrator"), "jobs")
    assert "Nothing was asked yet" in text(signed_in(empty, "custodian"), "requests")


def test_coordinator_reads_whose_turn_it_is_before_there_is_a_key(empty: World):
    publish_terms(study=empty.study, text="Patients stay ours.", by=empty.people["project_administrator"])

    page = text(signed_in(empty, "coordinator"), "today")

    assert waits(empty, "coordinator") == ["Accept version 1 of the terms for Daegu Medical Center"]
    assert "There is no key to encrypt under yet: the custodian publishes it." in page


def test_administrator_reads_what_stands_in_the_way(empty: World):
    page = text(signed_in(empty, "project_administrator"), "today")

    assert "There is no key to encrypt under yet" in page
    assert "3 hospitals have no admitted patients" in page
    assert "has never called" in page
    assert "Nothing stands in the way" not in page
