"""Addresses of the pages about hospitals, studies and batches."""

from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from hospitals.views import (
    add_patients,
    batches,
    dictionary_setup,
    institutions,
    keys,
    public,
    reference,
    study_setup,
    terms,
    tokens,
)
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
    private("new-study/", study_setup.new_study, "new-study"),
    private("studies/<slug:slug>/set-up/", study_setup.set_up, "set-up"),
    private("studies/<slug:slug>/set-up/question/", study_setup.question, "set-up-question"),
    private("studies/<slug:slug>/set-up/rules/", study_setup.rules, "set-up-rules"),
    private("studies/<slug:slug>/set-up/hospitals/", study_setup.invite, "set-up-hospitals"),
    private("studies/<slug:slug>/set-up/terms/", study_setup.terms, "set-up-terms"),
    private("studies/<slug:slug>/set-up/publish/", study_setup.publish, "publish-study"),
    private("studies/<slug:slug>/set-up/dictionary/", dictionary_setup.edit, "edit-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/save/", dictionary_setup.save, "save-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/upload/", dictionary_setup.upload, "upload-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/redcap/", dictionary_setup.redcap, "import-redcap"),
    private("studies/<slug:slug>/set-up/dictionary/publish/", dictionary_setup.publish, "publish-dictionary"),
    private("studies/<slug:slug>/terms/", terms.listing, "terms"),
    private("studies/<slug:slug>/terms/accept/", terms.accept, "accept-terms"),
    private("studies/<slug:slug>/keys/", keys.listing, "keys"),
    private("studies/<slug:slug>/keys/code/", keys.create_code, "create-code"),
    private("studies/<slug:slug>/keys/confirm/", keys.confirm, "confirm-key"),
    private("studies/<slug:slug>/table-template.csv", dictionary_setup.table_template, "table-template"),
    private("studies/<slug:slug>/dictionary/", reference.dictionary, "dictionary"),
    private("studies/<slug:slug>/dictionary.csv", reference.dictionary_csv, "dictionary-csv"),
    private("studies/<slug:slug>/audit/", reference.audit, "audit"),
]
