"""Addresses of the pages about jobs and results."""

from django.urls import URLPattern

from hospitals.views.entry import private
from training.views import jobs, overview, requests, results

urlpatterns: list[URLPattern] = [
    private("studies/<slug:slug>/", overview.overview, "study"),
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
    private("studies/<slug:slug>/results/<slug:name>/<slug:chart>.csv", results.chart_csv, "chart-csv"),
    private("studies/<slug:slug>/results/<slug:name>/<slug:chart>.json", results.chart_json, "chart-json"),
]
