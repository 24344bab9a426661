"""Addresses of the pages about jobs and results."""

from django.urls import URLPattern

from hospitals.views.entry import private
from training.views import (
    approval_key,
    find,
    jobs,
    overview,
    release_actions,
    releases,
    requests,
    results,
    today,
)

urlpatterns: list[URLPattern] = [
    private("find/", find.find, "find"),
    private("studies/<slug:slug>/", overview.overview, "study"),
    private("studies/<slug:slug>/today/", today.page, "today"),
    private("studies/<slug:slug>/today/count/", today.count, "today-count"),
    private("studies/<slug:slug>/requests/", requests.listing, "requests"),
    private("studies/<slug:slug>/jobs/", jobs.listing, "jobs"),
    private("studies/<slug:slug>/jobs/new/", jobs.launch_form, "launch-form"),
    private("studies/<slug:slug>/jobs/new/estimate/", jobs.launch_estimate, "launch-estimate"),
    private("studies/<slug:slug>/jobs/new/launch/", jobs.launch, "launch"),
    private("studies/<slug:slug>/jobs/<slug:name>/", jobs.detail, "job"),
    private("studies/<slug:slug>/jobs/<slug:name>/live/", jobs.live, "job-live"),
    private("studies/<slug:slug>/jobs/<slug:name>/cancel/", jobs.cancel, "cancel-job"),
    private("studies/<slug:slug>/jobs/<slug:name>/retry/", jobs.retry, "retry-job"),
    private("studies/<slug:slug>/results/", results.listing, "results"),
    private("studies/<slug:slug>/results/<slug:name>/", results.detail, "result"),
    private("studies/<slug:slug>/results/<slug:name>/result.json", results.result_json, "result-json"),
    private("studies/<slug:slug>/results/<slug:name>/table-one.csv", results.table_one_csv, "table-one-csv"),
    private("studies/<slug:slug>/results/<slug:name>/<slug:chart>.csv", results.chart_csv, "chart-csv"),
    private("studies/<slug:slug>/results/<slug:name>/<slug:chart>.json", results.chart_json, "chart-json"),
    private("studies/<slug:slug>/releases/", releases.listing, "releases"),
    private("studies/<slug:slug>/releases/ask/", releases.ask_form, "ask-form"),
    private("studies/<slug:slug>/releases/ask/send/", releases.ask, "ask-release"),
    private("studies/<slug:slug>/releases/<slug:name>/", releases.detail, "release"),
    private("studies/<slug:slug>/releases/<slug:name>/change/", releases.change, "change-release"),
    private("studies/<slug:slug>/releases/<slug:name>/preview/", releases.preview, "release-preview"),
    private("studies/<slug:slug>/releases/<slug:name>/request/", release_actions.request_release, "request-release"),
    private("studies/<slug:slug>/releases/<slug:name>/approve/", release_actions.approve, "approve-release"),
    private("studies/<slug:slug>/releases/<slug:name>/reject/", release_actions.reject, "reject-release"),
    private("studies/<slug:slug>/releases/<slug:name>/withdraw/", release_actions.withdraw, "withdraw-release"),
    private("studies/<slug:slug>/releases/<slug:name>/comment/", release_actions.comment, "comment-release"),
    private("approval-key/", approval_key.approval_key, "approval-key"),
    private("approval-key/register/", release_actions.register, "register-key"),
]
