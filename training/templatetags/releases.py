"""Words of the release pages: what an item of a release is called."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()
ITEM_LABELS: dict[str, Promise] = {
    "coefficients": _("Coefficients and odds ratios"),
    "metrics": _("Metrics, overall and per hospital"),
    "curves": _("Curves: ROC, precision and recall, calibration"),
    "table_one": _("Table 1 of the pool's patients"),
}
SHORT_LABELS: dict[str, Promise] = {
    "coefficients": _("coefficients"),
    "metrics": _("metrics"),
    "curves": _("curves"),
    "table_one": _("Table 1"),
}


@register.filter
def short_items(names: list[str]) -> str:
    return ", ".join(str(SHORT_LABELS.get(name, name)) for name in names)


@register.filter
def item_label(name: str) -> str:
    return str(ITEM_LABELS.get(name, name))
