"""Addresses of the pages about jobs and results."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
