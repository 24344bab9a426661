"""Fields and notices of the pages on which people manage their sign-in."""

from collections.abc import Mapping
from typing import Any

from django import forms, template
from django.conf import settings
from django.utils.safestring import SafeString

register = template.Library()
_DANGEROUS = {"danger", "delete"}
_QUIET = {"outline", "secondary", "link"}


@register.filter
def styled(field: forms.BoundField) -> SafeString:
    """The control with the look of the component library, whoever wrote the form."""
    check = isinstance(field.field.widget, forms.CheckboxInput)
    select = isinstance(field.field.widget, forms.Select)
    return field.as_widget(
        attrs={"class": "form-check-input" if check else "form-select" if select else "form-control"}
    )


@register.simple_tag
def second_factor_is_off() -> bool:
    """This server is a trial: roles that decide may sign in with a password alone."""
    return not settings.HEFED_REQUIRE_MFA


@register.filter
def button_class(attrs: Mapping[str, Any]) -> str:
    """The look of a button or of a link that stands for one, by the tags that django-allauth's pages give it."""
    given = set(attrs.get("tags") or ())
    quiet = bool(attrs.get("href")) or not given.isdisjoint(_QUIET)
    look = "btn-danger-quiet" if not given.isdisjoint(_DANGEROUS) else "btn-quiet" if quiet else "btn-primary"
    return f"btn {look} btn-sm" if "tool" in given else f"btn {look}"
