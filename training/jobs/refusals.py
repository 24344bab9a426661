"""A refusal of the key holders, for people: which rule, which setting, and what was said."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A rule that is not in ``_FIXED`` is a setting in the custodian's policy.toml.
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
_FIXED = ("admitted", "order", "whole_batches")
# The code of a reason -> its rule. tests/pages/test_refusals.py lets the desk's own code refuse and looks here.
_RULE_OF: dict[str, str] = {
    "policy.kinds": "kinds",
    "policy.institutions": "institutions",
    "policy.pools": "pools",
    "policy.minimum_rows": "minimum_rows",
    "policy.minimum_events": "minimum_events",
    "disclosure.cohort_differs": "disclosure.small_cell",
    "disclosure.few_events": "disclosure.small_cell",
    "desk.not_admitted": "admitted",
    "desk.round_seen": "order",
    "desk.begins_later": "order",
    "desk.begun_before": "order",
    "desk.not_begun": "order",
    "desk.not_expected": "order",
    "desk.dictionary_changed": "order",
    "desk.other_cohort": "order",
    "desk.not_whole": "whole_batches",
    "desk.rows_changed": "whole_batches",
    "desk.rows_declared": "whole_batches",
}
_OTHER: dict[str, Promise] = {  # by the answer's outcome
    "refused": _("A rule of the custodian"),
    "quarantined": _("The sums of a batch must fit its dictionary"),
    "failed": _("The model must have one solution"),
}


@dataclass(frozen=True)
class Refusal:
    """``reason``: a code, or the sentence of an answer of before reasons were codes. ``setting`` is empty when the rule
    cannot be changed in policy.toml."""

    reason: str
    rule: str
    setting: str


def refusal_of(reason: str, outcome: str = "refused", earlier: str = "") -> Refusal:
    """``earlier``: the rule that was kept beside a sentence."""
    named = _RULE_OF.get(reason) or (earlier if earlier in _RULES else "")
    rule = _RULES.get(named, _OTHER.get(outcome, _OTHER["refused"]))
    return Refusal(reason, str(rule), "" if named in _FIXED else named)
