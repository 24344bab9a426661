"""The release pages: what each reader is offered, what the scripts get, what a result page shows meanwhile."""

import csv
import html
import io
import json
import re

import numpy as np
import pytest
from django.urls import reverse
from joserfc import jwe

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.table_one import pool_tables
from hefed.core.protocol.releases import PreviewContent, Statement, commit, sign
from hefed.core.protocol.results import TableOne, VariableSummary
from hefed.core.protocol.signing import AGREEMENT, CONTENT
from hefed.core.words import Said, words
from hospitals.batches.models import Batch
from hospitals.people.models import User
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import SIZES, World
from tests.pages.release_scene import CUSTODIAN, approve, ask, keys_of, opened_items, publication, report, signed, until
from tests.words.raises import answers, text
from training.jobs.models import CustodianNote, Job
from training.releases.models import ApproverKey, Release
from training.releases.publication import publish_release, take_report
from training.releases.selectors import current_version
from training.results.models import TrainedModel

STUDY = "icu-death"
JSON = {"headers": {"Accept": "application/json"}, "content_type": "application/json"}


def page(world: World, role: str, name: str, *args: str) -> str:
    response = signed_in(world, role).get(reverse(name, args=[STUDY, *args]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def attribute(text: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', text)
    return "" if found is None else html.unescape(found[1])


def asked(job: Job, **changes: object) -> dict[str, object]:
    fields = {"job": job.name, "items": ["metrics"], "justification": "Why", "audience": "All", "expires_on": until(9)}
    return fields | changes


def publish(release: Release, *approvers: User) -> None:
    for user in approvers:
        approve(release, user)
    publish_release(release=release, publication=publication(current_version(release)), by=CUSTODIAN)


# ---- asking and signing ----------------------------------------------------------------------------------------------


def test_administrator_asks_signs_and_the_list_shows_it(world: World, job: Job, alice: User):
    client = signed_in(world, "project_administrator")
    assert "Ask for a release" in page(world, "project_administrator", "releases")

    answer = client.post(reverse("ask-release", args=[STUDY]), asked(job))
    release = Release.objects.get(job=job, state=Release.State.DRAFT)
    assert answer.url == reverse("release", args=[STUDY, release.name])

    text = page(world, "project_administrator", "release", release.name)
    offered = json.loads(attribute(text, "statement"))
    statement = Statement(**offered, signer=keys_of("alice").message.fingerprint)
    body = json.dumps({"jws": sign(statement, keys_of("alice").signing)})
    assert offered["says"] == "request"
    assert client.post(attribute(text, "request-url"), body, **JSON).status_code == 204

    release.refresh_from_db()
    assert release.state == Release.State.COLLECTING
    assert "2 approvals of different institutions are missing" in page(world, "auditor", "release", release.name)


def test_wish_with_holes_comes_back_with_what_was_typed(world: World, job: Job):
    client = signed_in(world, "project_administrator")

    response = client.post(reverse("ask-release", args=[STUDY]), asked(job, items=[], audience="The ethics committee"))

    assert response.status_code == 422
    assert "The ethics committee" in response.content.decode()
    assert not Release.objects.filter(job=job, state=Release.State.DRAFT).exists()


def test_without_a_key_the_form_says_what_to_do_first(world: World, job: Job, alice: User):
    ApproverKey.objects.filter(user=alice).update(retired_at="2026-01-01T00:00Z")

    assert reverse("approval-key") in page(world, "project_administrator", "ask-form")


def test_key_page_registers_what_the_script_sends(world: World):
    client = signed_in(world, "clinician")
    before = client.get(reverse("approval-key")).content.decode()
    assert attribute(before, "fingerprint") == ""
    key = keys_of("dana").message

    answer = client.post(attribute(before, "register-url"), key.model_dump_json(), **JSON)

    assert answer.status_code == 204
    after = client.get(reverse("approval-key")).content.decode()
    assert attribute(after, "fingerprint") == key.fingerprint
    assert f"<span>{key.fingerprint[:4]}</span>" in after


def test_key_page_needs_the_second_factor_of_who_signs(world: World, settings):
    settings.HEFED_REQUIRE_MFA = True
    client = signed_in(world, "approver")

    assert client.get(reverse("approval-key")).url == reverse("second-factor")
    assert client.post(reverse("register-key"), "{}", **JSON).url == reverse("second-factor")


def test_key_with_a_private_half_is_refused_in_words(world: World):
    private = keys_of("dana").signing.as_dict(private=True)
    body = {"signing": private, "agreement": private}

    answer = signed_in(world, "clinician").post(reverse("register-key"), json.dumps(body), **JSON)

    answers(answer, 422, "approvals.no_public_keys")
    assert not ApproverKey.objects.filter(user=world.people["clinician"]).exists()


# ---- reviewing -------------------------------------------------------------------------------------------------------


def test_approver_reads_the_preview_and_signs(world: World, release: Release, finn: User):
    take_report(release=release, report=report(current_version(release), [finn]), by=CUSTODIAN)
    text, client = page(world, "approver", "release", release.name), signed_in(world, "approver")

    answer = client.get(attribute(text, "preview-url"), headers=JSON["headers"])
    opened = jwe.decrypt_compact(answer.content, keys_of("finn").agreement, algorithms=[AGREEMENT, CONTENT])
    content = PreviewContent.model_validate_json(opened.plaintext)

    assert answer.headers["Content-Type"] == "application/jose"
    offered = [item.commitment().model_dump() for item in content.items]
    assert json.loads(attribute(text, "commitments")) == offered
    body = json.dumps({"jws": signed(current_version(release), "approve", finn)})
    assert client.post(attribute(text, "approve-url"), body, **JSON).status_code == 204
    assert "1 approval of another institution is missing" in page(world, "auditor", "release", release.name)
    assert attribute(page(world, "approver", "release", release.name), "approve-url") == ""


def test_preview_that_is_not_there_says_why(world: World, release: Release, finn: User):
    client, url = signed_in(world, "approver"), reverse("release-preview", args=[STUDY, release.name])
    waiting = client.get(url, headers=JSON["headers"])
    unknown = [keys_of("finn").message.fingerprint]
    take_report(release=release, report=report(current_version(release), [], unknown), by=CUSTODIAN)

    answers(waiting, 404, "approvals.preview_not_yet", name=release.name)
    answers(client.get(url, headers=JSON["headers"]), 404, "approvals.preview_key_unknown", name=release.name)
    text = page(world, "approver", "release", release.name)
    assert "The custodian does not know your key yet" in text
    assert f"<span>{unknown[0][60:]}</span>" in text
    assert "approvers trust" in text


@pytest.mark.parametrize("role", ["project_administrator", "custodian", "auditor", "platform_administrator"])
def test_nobody_else_is_offered_a_preview_or_a_signature(world: World, release: Release, role: str):
    text = page(world, role, "release", release.name)

    assert attribute(text, "preview-url") == attribute(text, "approve-url") == attribute(text, "request-url") == ""
    assert "Waiting for approvals" in text


def test_preview_of_somebody_else_is_not_handed_out(world: World, release: Release, finn: User):
    take_report(release=release, report=report(current_version(release), [finn]), by=CUSTODIAN)
    client = signed_in(world, "second_approver")

    assert client.get(reverse("release-preview", args=[STUDY, release.name])).status_code == 404


def test_wrong_signature_is_answered_in_words(world: World, release: Release, finn: User):
    client, url = signed_in(world, "approver"), reverse("approve-release", args=[STUDY, release.name])

    bad = client.post(url, json.dumps({"jws": "a.b.c"}), **JSON)
    other = client.post(url, json.dumps({"jws": signed(current_version(release), "request", finn)}), **JSON)
    none = client.post(url, "not json", **JSON)

    assert (bad.status_code, none.status_code) == (422, 422)
    answers(other, 422, "approvals.signature_differs", fields=("says",))


def test_change_reject_withdraw_and_comment_from_the_page(world: World, release: Release, job: Job, finn: User):
    alice, approver = signed_in(world, "project_administrator"), signed_in(world, "approver")

    def post(client, name: str, **fields: object) -> int:
        return client.post(reverse(name, args=[STUDY, release.name]), fields).status_code

    assert post(approver, "comment-release", text="Which <b>journal</b>?") == 302
    assert "Which &lt;b&gt;journal&lt;/b&gt;?" in page(world, "auditor", "release", release.name)
    assert post(alice, "change-release", **asked(job)) == 302
    assert "Sign the request" in page(world, "project_administrator", "release", release.name)
    assert post(approver, "reject-release", reason="no") == 409  # a draft is not decided
    assert post(alice, "withdraw-release") == 422
    assert post(alice, "withdraw-release", reason="The job runs again.") == 302
    assert "Withdrawn by Alice Kim" in page(world, "approver", "release", release.name)


def test_approvers_are_told_of_patients_that_were_withdrawn_since(world: World, release: Release):
    batch = release.job.batches.first()
    Batch.objects.filter(pk=batch.pk).update(state="withdrawn", reason="x", decided_at="2026-11-01T00:00Z")

    assert "Trained on patients that were withdrawn since" in page(world, "approver", "release", release.name)


# ---- sealed and released results -------------------------------------------------------------------------------------


def test_sealed_job_says_so_and_who_can_change_it(world: World, job: Job):
    job_page = page(world, "project_administrator", "job", job.name)
    result_page = page(world, "clinician", "result", job.name)
    listing = page(world, "clinician", "results")

    assert "Sealed: nobody can read the result yet" in job_page
    assert "Finished, sealed" in page(world, "project_administrator", "jobs")
    assert "Sealed: nobody can read it yet" in result_page
    assert "Nobody can read it yet. It opens after two approvals." in listing
    client = signed_in(world, "clinician")
    assert client.get(reverse("result-json", args=[STUDY, job.name])).status_code == 404
    assert client.get(reverse("table-one-csv", args=[STUDY, job.name])).status_code == 404


def test_clinician_sees_the_whole_result_after_its_release(world: World, release: Release, finn: User, gina: User):
    publish(release, finn, gina)

    text = page(world, "clinician", "result", release.job.name)

    assert "95 % interval" in text
    assert "Who is in the pool (Table 1)" in text
    assert "Still sealed" not in text
    assert "coefficients, metrics, curves, Table 1: Daegu Medical Center, Jeju Island Hospital" in text
    assert "asked for by Seoul University Hospital" in text
    client = signed_in(world, "clinician")
    assert client.get(reverse("result-json", args=[STUDY, release.job.name])).json()["sealed"] == []
    assert "Published" in page(world, "auditor", "release", release.name)


def test_result_page_shows_only_what_was_released(world: World, job: Job, alice: User, finn: User, gina: User):
    publish(ask(job, alice, "curves"), finn, gina)
    text = page(world, "clinician", "result", job.name)
    assert "Ranking: ROC curve" in text
    assert f"how well it ranks new patients is not shown ({words(Said('releases.metrics_sealed'))})" in text
    assert "odds ratios" not in text.replace("Coefficients and odds ratios", "")
    assert "Per hospital" not in text
    assert "Still sealed" in text

    publish(ask(job, alice, "coefficients"), finn, gina)
    assert "What moves the risk: odds ratios" in page(world, "clinician", "result", job.name)
    released = signed_in(world, "clinician").get(reverse("result-json", args=[STUDY, job.name])).json()
    assert (released["metrics"], released["sealed"]) == ({}, ["metrics", "table_one"])


def test_small_cells_of_table_one_are_neither_on_the_page_nor_in_downloads(world: World, job: Job):
    """A cell of 3 and its complement were suppressed by the custodian: no field is filled from anything else."""
    small, hidden = "suppressed: 7 or fewer", "suppressed: would reveal another cell"
    empty = {"mean": None, "sd": None, "count": None}
    shown = VariableSummary(column="sex", mean=0.404, sd=None, count=905)
    pooled = TableOne(
        n=2240,
        events=180,
        variables=[shown, VariableSummary(column="dementia", **empty, suppressed=hidden)],
    )
    daegu = TableOne(
        n=240,
        events=None,
        variables=[shown, VariableSummary(column="dementia", **empty, suppressed=small)],
        suppressed=small,
    )
    tables = {"pooled": pooled.model_dump(), "daegu": daegu.model_dump()}
    TrainedModel.objects.create(job=job, released=["table_one"], table_one=tables)

    client = signed_in(world, "clinician")
    text = page(world, "clinician", "result", job.name)
    table = client.get(reverse("table-one-csv", args=[STUDY, job.name])).content.decode()
    rows = {(row["group"], row["variable"]): row for row in csv.DictReader(io.StringIO(table))}

    assert "905 (40 %)" in text
    assert text.count(small) == 2  # events of Daegu and its dementia cell
    assert text.count(hidden) == 1
    numbers = ("mean", "sd", "count", "share")
    assert [rows["daegu", "dementia"][name] for name in (*numbers, "events")] == [""] * 5
    assert [rows["pooled", "dementia"][name] for name in numbers] == [""] * 4
    assert rows["pooled", "dementia"]["suppressed"] == hidden
    released = client.get(reverse("result-json", args=[STUDY, job.name])).json()["table_one"]
    assert released["daegu"]["events"] is None
    assert released["daegu"]["variables"][1]["count"] is None


def test_three_patients_of_a_hospital_cannot_be_found_from_its_release_to_its_downloads(
    world: World, job: Job, alice: User, finn: User, gina: User
):
    """Jeju has 3 patients with dementia. The custodian's table is sealed, released, and read everywhere it is shown."""
    sums, columns = {}, DataDictionary.from_csv(cohort.DICTIONARY).columns
    dementia = [column.name for column in columns].index("dementia")
    for seed, (slug, size) in enumerate(SIZES.items()):
        x = cohort.patients(*size, seed).x.copy()
        if slug == "jeju":
            x[:, dementia] = np.arange(len(x)) < 3
        sums[slug] = cohort.Patients(x, cohort.patients(*size, seed).y).sums()
    tables = {scope: table.model_dump(mode="json") for scope, table in pool_tables(sums, columns).items()}
    item = commit("table_one", tables)
    job.sealed.commitments = [item.commitment().model_dump()]
    job.sealed.save()
    release = ask(job, alice, "table_one")
    for user in (finn, gina):
        approve(release, user)
    whole = publication(current_version(release), items=[item])
    publish_release(release=release, publication=whole, by=CUSTODIAN)

    client = signed_in(world, "clinician")
    text = page(world, "clinician", "result", job.name)
    table = client.get(reverse("table-one-csv", args=[STUDY, job.name])).content.decode()
    told = client.get(reverse("result-json", args=[STUDY, job.name])).json()["table_one"]

    rows = {row["group"]: row for row in csv.DictReader(io.StringIO(table)) if row["variable"] == "dementia"}
    hidden = [scope for scope, row in rows.items() if row["count"] == row["share"] == ""]
    assert "jeju" in hidden
    assert len(hidden) > 1  # the sum of the others does not give it back
    assert all(rows[scope]["suppressed"] for scope in hidden)
    counts = {scope: next(v for v in told[scope]["variables"] if v["column"] == "dementia")["count"] for scope in told}
    assert [scope for scope, count in counts.items() if count is None] == hidden
    line = re.search(r'<th scope="row">Dementia</th>(.*?)</tr>', text)[1]
    shown = [f"{count:,} " for count in counts.values() if count is not None]
    reasons = {html.escape(rows[scope]["suppressed"]) for scope in hidden}
    assert sum(line.count(reason) for reason in reasons) >= len(hidden)
    assert all(number in line for number in shown)
    assert not re.search(r">3 \(", line)


def test_opened_items_hold_suppressed_cells_that_stay_suppressed(world: World, release: Release, finn, gina):
    """Jeju's held-out patients have fewer than 20 deaths: its metrics are suppressed and stay so on every way out."""
    publish(release, finn, gina)
    client = signed_in(world, "clinician")

    metrics = client.get(reverse("result-json", args=[STUDY, release.job.name])).json()["metrics"]["jeju"]

    committed = json.loads(next(item.text for item in opened_items() if item.item == "metrics"))["jeju"]
    assert metrics == committed
    assert metrics["auroc"] is None
    assert html.escape(words(Said.from_json(metrics["suppressed"]))) in page(
        world, "clinician", "result", release.job.name
    )


def test_note_of_the_custodian_stands_on_the_job_page(world: World):
    CustodianNote.objects.create(study=world.study, text="agent.daily_limit")

    assert html.escape(text("agent.daily_limit")[1:]) in page(world, "project_administrator", "job", "job-0006")


def test_overview_names_who_must_act_on_a_sealed_result(world: World, job: Job, alice: User):
    live = Job.objects.filter(state__in=Job.LIVE)
    live.update(state="failed", reason="x", finished_at=job.finished_at)
    assert f"Ask for the release of {job.name}" in page(world, "clinician", "study")

    release = ask(job, alice)

    assert f"Review {release.name}" in page(world, "clinician", "study")
