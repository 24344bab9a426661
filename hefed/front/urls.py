"""Addresses of the pages that join both apps."""

from django.urls import URLPattern, path

from hefed.front import views
from hospitals.people.entry import private

urlpatterns: list[URLPattern] = [
    path("glossary/", views.glossary, name="glossary"),
    private("find/", views.find, "find"),
    private("studies/<slug:slug>/", views.overview, "study"),
    private("studies/<slug:slug>/today/", views.today_page, "today"),
    private("studies/<slug:slug>/today/count/", views.today_count, "today-count"),
]
