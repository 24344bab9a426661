"""All addresses: the API under /api/v1/, everything else is pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("hospitals.urls")),
    path("", include("training.urls")),
]
