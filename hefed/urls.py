"""All addresses: the API under /api/v1/, everything else is pages."""

from django.urls import include, path

from hefed.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("hospitals.urls")),
    path("", include("training.urls")),
]
