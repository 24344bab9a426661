"""Addresses of the pages about hospitals, studies and batches."""

from allauth.account.views import login
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from hospitals.audit import views as audit
from hospitals.batches import views as batches
from hospitals.dictionaries import views as dictionaries
from hospitals.institutions import views as institutions
from hospitals.keys import views as keys
from hospitals.people import administrators
from hospitals.people import token_views as tokens
from hospitals.people import views as people
from hospitals.people.entry import private
from hospitals.studies import views as study_setup
from hospitals.studies import views as terms

urlpatterns: list[URLPattern] = [
    path("", institutions.home, name="home"),
    path("register/", institutions.register, name="register"),
    path("register/done/", institutions.registered, name="registered"),
    path("register/confirm/<str:key>/", institutions.confirm, name="confirm"),
    path("register/confirm/<str:key>/yes/", institutions.confirmed, name="confirm-contact"),
    path("invitations/<str:key>/", people.invitation, name="invitation"),
    path("invitations/<str:key>/join/", people.join, name="join"),
    private("invitations/<str:key>/accept/", people.accept, "accept-invitation"),
    path("sign-in/", login, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    private("second-factor/", institutions.second_factor, "second-factor"),
    private("administrators/", administrators.listing, "administrators"),
    private("administrators/invite/", administrators.send_invitation, "invite-administrator"),
    private(
        "administrators/invitations/<int:invitation_id>/withdraw/",
        administrators.withdraw,
        "withdraw-administrator-invitation",
    ),
    private("administrators/<int:membership_id>/remove/", administrators.remove, "end-administrator"),
    private("institutions/", institutions.listing, "institutions"),
    private("institutions/<slug:slug>/", institutions.detail, "institution"),
    private("institutions/<slug:slug>/approve/", institutions.approve, "approve-institution"),
    private("institutions/<slug:slug>/refuse/", institutions.refuse, "refuse-institution"),
    private("institutions/<slug:slug>/close/", institutions.close, "close-institution"),
    private("institutions/<slug:slug>/suspend/", institutions.suspend, "suspend-institution"),
    private("studies/<slug:slug>/data/", batches.listing, "batches"),
    private("studies/<slug:slug>/data/add/", batches.add, "add-patients"),
    private("studies/<slug:slug>/data/what-leaves/", batches.what_leaves, "what-leaves"),
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
    private("studies/<slug:slug>/set-up/custody/", study_setup.custody, "set-up-custody"),
    private("studies/<slug:slug>/set-up/terms/", study_setup.terms, "set-up-terms"),
    private("studies/<slug:slug>/set-up/publish/", study_setup.publish, "publish-study"),
    private("studies/<slug:slug>/set-up/dictionary/", dictionaries.edit, "edit-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/save/", dictionaries.save, "save-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/upload/", dictionaries.upload, "upload-dictionary"),
    private("studies/<slug:slug>/set-up/dictionary/redcap/", dictionaries.redcap, "import-redcap"),
    private("studies/<slug:slug>/set-up/dictionary/publish/", dictionaries.publish, "publish-dictionary"),
    private("studies/<slug:slug>/terms/", terms.listing, "terms"),
    private("studies/<slug:slug>/terms/accept/", terms.accept, "accept-terms"),
    private("studies/<slug:slug>/keys/", keys.listing, "keys"),
    private("studies/<slug:slug>/keys/code/", keys.create_code, "create-code"),
    private("studies/<slug:slug>/keys/confirm/", keys.confirm, "confirm-key"),
    private("studies/<slug:slug>/keys/proposals/<slug:fingerprint>/confirm/", keys.confirm_another, "confirm-proposal"),
    private("studies/<slug:slug>/keys/proposals/<slug:fingerprint>/discard/", keys.discard, "discard-proposal"),
    private("studies/<slug:slug>/keys/put-back/", keys.put_back, "take-back-key"),
    private("studies/<slug:slug>/table-template.csv", dictionaries.table_template, "table-template"),
    private("studies/<slug:slug>/table-template.xlsx", dictionaries.table_workbook, "table-workbook"),
    private("studies/<slug:slug>/dictionary/", dictionaries.dictionary, "dictionary"),
    private("studies/<slug:slug>/dictionary.csv", dictionaries.dictionary_csv, "dictionary-csv"),
    private("studies/<slug:slug>/people/", people.listing, "people"),
    private("studies/<slug:slug>/people/invite/", people.send_invitation, "invite"),
    private("studies/<slug:slug>/people/act-for/", people.act_for_institution, "act-for"),
    private(
        "studies/<slug:slug>/people/invitations/<int:invitation_id>/withdraw/", people.withdraw, "withdraw-invitation"
    ),
    private("studies/<slug:slug>/people/roles/<int:membership_id>/remove/", people.remove, "end-role"),
    private("studies/<slug:slug>/audit/", audit.of_study, "audit"),
    private("studies/<slug:slug>/audit/check/", audit.check, "audit-check"),
    private("studies/<slug:slug>/audit/export.<slug:form>", audit.export, "audit-export"),
    private("audit/", audit.whole, "audit-whole"),
    private("audit/export.<slug:form>", audit.export_whole, "audit-whole-export"),
]
