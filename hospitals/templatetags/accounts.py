"""Fields and notices of the pages on which people manage their sign-in."""

from django import forms, template
from django.conf import settings
from django.utils.safestring import SafeString

register = template.Library()


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
