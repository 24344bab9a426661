"""A refusal of the custodian, taken apart for people: which rule, what it found, what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The code of the answer -> the rule in words. A code outside ``_FIXED`` is a setting in the custodian's policy.toml.
# tests/pages/test_refusals.py lets the custodian's own code refuse and looks the rule up here.
_RULES: dict[str, Promise] = {
    "kinds": _("Which kinds of requests are answered"),
    "institutions": _("Whose patients may be opened"),
    "pools": _("Which hospitals may train together"),
    "minimum_rows": _("Fewest patients of a pool"),
    "minimum_events": _("Fewest events of a pool"),
    "disclosure.small_cell": _("Two cohorts that differ by a few patients are not both opened"),
    "admitted": _("Only admitted batches are opened"),
    "order": _("One job's requests come in order"),
    "whole_batches": _("A job runs over whole batches, and a batch never changes"),
}
_SETTINGS = {"disclosure.cohort_differs": "disclosure.small_cell", "disclosure.few_events": "disclosure.small_cell"}
_FIXED = ("admitted", "order", "whole_batches")
_WORDS = {  # of answers without a code: an older custodian's, and those of before this server kept codes
    "to `kinds`": "kinds",
    "to `institutions`": "institutions",
    "to `pools`": "pools",
    "rows and the policy asks for": "minimum_rows",
    "events than the policy's minimum": "minimum_events",
    "differs from": "disclosure.small_cell",
    "did not admit": "admitted",
    "launch a new job": "order",
}
_OTHER: dict[str, Promise] = {  # by the answer's outcome
    "refused": _("A rule of the custodian"),
    "quarantined": _("The sums of a batch must fit its dictionary"),
    "failed": _("The model must have one solution"),
}


@dataclass(frozen=True)
class Refusal:
    """``setting`` is empty when the rule cannot be changed in policy.toml; ``remedy`` when the text gives none."""

    rule: str
    setting: str
    fact: str
    remedy: str


def refusal_of(reason: str, outcome: str = "refused", code: str = "") -> Refusal:
    """``cannot do what: which fact; what to do`` in its parts, and the rule by the answer's code."""
    code = _SETTINGS.get(code, code)
    fact, _separator, remedy = reason.strip().rstrip(".").rpartition("; ")
    if not fact:
        fact, remedy = remedy, ""
    named = code if code in _RULES else next((code for words, code in _WORDS.items() if words in reason), "")
    rule = _RULES.get(named, _OTHER.get(outcome, _OTHER["refused"]))
    return Refusal(str(rule), "" if named in _FIXED else named, fact, remedy)
