"""Addresses of the pages about hospitals, studies and batches."""

from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from hospitals.views import add_patients, batches, institutions, public, reference, tokens
from hospitals.views.entry import private

urlpatterns: list[URLPattern] = [
    path("", public.home, name="home"),
    path("register/", public.register, name="register"),
    path("register/done/", public.registered, name="registered"),
    path("sign-in/", login, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    private("second-factor/", public.second_factor, "second-factor"),
    private("institutions/", institutions.listing, "institutions"),
    private("institutions/<slug:slug>/approve/", institutions.approve, "approve-institution"),
    private("institutions/<slug:slug>/suspend/", institutions.suspend, "suspend-institution"),
    private("studies/<slug:slug>/data/", batches.listing, "batches"),
    private("studies/<slug:slug>/data/add/", add_patients.add, "add-patients"),
    private("studies/<slug:slug>/data/what-leaves/", add_patients.what_leaves, "what-leaves"),
    private("studies/<slug:slug>/data/<slug:name>/", batches.detail, "batch"),
    private("studies/<slug:slug>/data/<slug:name>/withdraw/", batches.withdraw, "withdraw-batch"),
    private("studies/<slug:slug>/tokens/", tokens.listing, "tokens"),
    private("studies/<slug:slug>/tokens/create/", tokens.create, "create-token"),
    private("studies/<slug:slug>/tokens/<int:token_id>/revoke/", tokens.revoke, "revoke-token"),
    private("studies/<slug:slug>/keys/", reference.keys, "keys"),
    private("studies/<slug:slug>/dictionary/", reference.dictionary, "dictionary"),
    private("studies/<slug:slug>/dictionary.csv", reference.dictionary_csv, "dictionary-csv"),
    private("studies/<slug:slug>/audit/", reference.audit, "audit"),
]
