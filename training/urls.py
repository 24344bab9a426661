"""Addresses of the pages about jobs and results."""

from django.urls import URLPattern

from hospitals.people.entry import private
from training.jobs import views as jobs
from training.releases import views as releases
from training.results import views as results

urlpatterns: list[URLPattern] = [
    private("studies/<slug:slug>/requests/", jobs.request_list, "requests"),
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
    private("studies/<slug:slug>/releases/<slug:name>/request/", releases.request_release, "request-release"),
    private("studies/<slug:slug>/releases/<slug:name>/approve/", releases.approve, "approve-release"),
    private("studies/<slug:slug>/releases/<slug:name>/reject/", releases.reject, "reject-release"),
    private("studies/<slug:slug>/releases/<slug:name>/withdraw/", releases.withdraw, "withdraw-release"),
    private("studies/<slug:slug>/releases/<slug:name>/comment/", releases.comment, "comment-release"),
    private("approval-key/", releases.approval_key, "approval-key"),
    private("approval-key/register/", releases.register, "register-key"),
]
