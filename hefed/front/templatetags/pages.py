"""Template tags of all pages: icons, locks, hospital symbols, sizes."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django import template
from django.http import HttpRequest
from django.template import RequestContext
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hefed.front.glossary import ENTRIES
from hospitals.audit.words import action_words, actor_words, detail_words
from hospitals.batches.models import Batch
from hospitals.institutions.selectors import HospitalMark
from hospitals.keys.models import KeySet
from hospitals.people.models import Role
from hospitals.people.selectors import standing_of
from hospitals.states import Badged
from hospitals.studies.models import Study
from hospitals.words import page_words

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

register = template.Library()
_LOCK_ICONS = {"sealed": "lock", "open": "lock-open", "failed": "alert-triangle", "good": "check"}
BATCH_ICONS: Mapping[str, str] = {
    Batch.State.UPLOADING: "cloud-upload",
    Batch.State.CHECKING: "list-check",
    Batch.State.CUSTODIAN: "key",
    Batch.State.ADMITTED: "lock",
    Batch.State.QUARANTINED: "alert-triangle",
    Batch.State.OUTDATED: "alert-triangle",
    Batch.State.WITHDRAWN: "ban",
}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """Decoration: hidden from screen readers, because text always stands beside it."""
    sprite = static("vendor/icons.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', extra_class, sprite, name
    )


@register.simple_tag
def lock(state: str, text: "str | StrPromise") -> SafeString:
    """The lock motif: ``sealed`` is closed and indigo, ``open`` is open and amber; the words say who can read."""
    name = _LOCK_ICONS.get(state, "circle-dashed")
    return format_html('<span class="lock lock-{}">{}{}</span>', state, icon(name), text)


@register.simple_tag
def state_badge(thing: Badged) -> SafeString:
    """The state of anything that has a badge: batch, job, release, request, token, institution, study, result."""
    return lock(*thing.badge)


@register.simple_tag
def key_badge(key: KeySet | None, warning: str, confirmed: bool) -> SafeString:
    """Whether a study's key can be used for uploads. ``warning`` is what ``key_warning`` says of it."""
    if key is None:
        return lock("plain", _("None yet"))
    if warning == "expired":
        return lock("failed", _("Expired"))
    return lock("sealed", _("Active, confirmed")) if confirmed else lock("failed", _("Not confirmed by all"))


@register.simple_tag
def batch_dot(batch: Batch) -> SafeString:
    """How far a batch came, as an icon in a coloured circle; words stand beside it."""
    return format_html('<span class="dot dot-{}">{}</span>', batch.state, icon(BATCH_ICONS[batch.state]))


@register.simple_tag
def symbol(mark: HospitalMark | None) -> SafeString:
    """The hospital's symbol in its colour; a filled circle in ink stands for the pool."""
    shape, css = (mark.symbol, f"hospital-{mark.number}") if mark else ("circle", "pool-symbol")
    sprite = static("images/symbols.svg")
    return format_html('<svg class="symbol {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite, shape)


@register.simple_tag
def hospital(mark: HospitalMark) -> SafeString:
    return format_html('<span class="hospital">{}{}</span>', symbol(mark), mark.name)


@register.simple_tag
def scope_name(marks: Sequence[HospitalMark], scope: str) -> str:
    """The hospital of that short name; any other word stands for all of them together."""
    return next((mark.name for mark in marks if mark.slug == scope), _("All hospitals"))


@register.filter
def size(count: int | None) -> str:
    """Bytes in decimal units, as network and disk makers count."""
    amount, unit = float(count or 0), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 0 if unit == 0 or amount >= 99.5 else 1
    name = _UNITS[unit] if unit else _("bytes")
    return f"{amount:.{digits}f} {name}"


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds for people: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds or 0)
    if whole < 60:
        return _("%(seconds)s s") % {"seconds": whole if whole else f"{seconds or 0:.1f}"}
    if whole < 3600:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": whole // 60, "seconds": whole % 60}
    return _("%(hours)s h %(minutes)s min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}


@register.filter
def groups(digest: str) -> list[str]:
    """A fingerprint in groups of four, to read out on the telephone."""
    return [digest[start : start + 4] for start in range(0, len(digest), 4)]


@register.filter
def lookup(table: dict[str, object], key: str) -> object:
    return table.get(key)


@register.filter
def decimals(value: float | None, digits: int) -> str:
    """A number with that many decimals; an absent one is an empty text, which the page replaces by its reason."""
    return "" if value is None else f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


@register.simple_tag(takes_context=True)
def my_studies(context: template.Context) -> list[Study]:
    return standing_of(context["request"]).visible_studies


@register.simple_tag(takes_context=True)
def is_platform_administrator(context: template.Context) -> bool:
    return standing_of(context["request"]).is_platform_administrator


@register.filter
def brief(value: float) -> str:
    """Two significant digits, never in powers of ten."""
    return f"{float(f'{value:.2g}'):.10f}".rstrip("0").rstrip(".")


@register.filter
def unlocalised(value: float) -> str:
    """A coordinate of a drawing: a point in every language."""
    return f"{value:.2f}"


@register.filter
def as_json(value: object) -> str:
    """Text for an element's content, which is escaped like any other text."""
    return json.dumps(value)


register.filter("words", page_words)
register.filter("action_words", action_words)
register.filter("detail_words", detail_words)
register.filter("actor_words", actor_words)


@register.simple_tag(takes_context=True)
def may_draft_studies(context: template.Context) -> bool:
    """Administers the platform or some study, so may draft another."""
    return standing_of(context["request"]).has(Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR)


@register.simple_tag
def term(slug: str, text: str = "") -> SafeString:
    """A word that the glossary explains: a link to its place there, with the explanation as its description."""
    entry = ENTRIES[slug]
    address, shown = f"{reverse('glossary')}#{slug}", text or str(entry.term)
    return format_html('<a class="term" href="{}" title="{}">{}</a>', address, entry.text, shown)


@register.simple_tag(takes_context=True)
def signs_releases(context: template.Context) -> bool:
    """Asks for releases or approves them somewhere, so needs a key to sign with."""
    return standing_of(context["request"]).has(Role.PROJECT_ADMINISTRATOR, Role.APPROVER)


_CHART_TERMS = {"roc": "auroc", "precision-recall": "auprc", "calibration": "calibration", "odds-ratios": "odds-ratio"}


@register.simple_tag(takes_context=True)
def server_address(context: RequestContext) -> str:
    """Scheme and host as the browser knows them, for commands to copy."""
    request: HttpRequest = context["request"]
    return request.build_absolute_uri("/").rstrip("/")


@register.simple_tag
def chart_term(chart: str) -> SafeString:
    """What the chart shows, in the glossary; nothing for a chart that explains itself."""
    return term(_CHART_TERMS[chart]) if chart in _CHART_TERMS else SafeString("")
