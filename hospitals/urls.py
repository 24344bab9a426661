"""Addresses of the pages about hospitals, studies and batches."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
