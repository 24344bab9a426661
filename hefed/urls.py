"""All addresses: the API under /api/v1/, everything else is pages."""

from django.urls import include, path

from hefed.front.api.routes import api

handler400 = "hefed.middleware.answer_bad_request"
handler500 = "hefed.middleware.answer_failure"
urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("hefed.front.urls")),
    path("", include("hospitals.urls")),
    path("", include("training.urls")),
    path("i18n/", include("django.conf.urls.i18n")),  # the language switch: a POST that sets a cookie
    path("account/", include("allauth.account.urls")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]
