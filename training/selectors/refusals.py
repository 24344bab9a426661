"""A refusal of the custodian, taken apart for people: which rule, what it found, what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a refusal's text holds, the setting in the custodian's policy.toml (if it is one), the rule in words.
# tests/pages/test_refusals.py lets the custodian's own code refuse and looks the rule up here.
_RULES: tuple[tuple[str, str, Promise], ...] = (
    ("to `kinds`", "kinds", _("Which kinds of requests are answered")),
    ("to `institutions`", "institutions", _("Whose patients may be opened")),
    ("to `pools`", "pools", _("Which hospitals may train together")),
    ("rows and the policy asks for", "minimum_rows", _("Fewest patients of a pool")),
    ("events than the policy's minimum", "minimum_events", _("Fewest events of a pool")),
    ("differs from", "disclosure.small_cell", _("Two cohorts that differ by a few patients are not both opened")),
    ("did not admit", "", _("Only admitted batches are opened")),
    ("launch a new job", "", _("One job's requests come in order")),
)
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


def refusal_of(reason: str, outcome: str = "refused") -> Refusal:
    """``cannot do what: which fact; what to do`` in its parts; ``outcome`` of the answer names the rule else."""
    fact, _separator, remedy = reason.strip().rstrip(".").rpartition("; ")
    if not fact:
        fact, remedy = remedy, ""
    other = ("", _OTHER.get(outcome, _OTHER["refused"]))
    setting, rule = next(((setting, rule) for words, setting, rule in _RULES if words in reason), other)
    return Refusal(str(rule), setting, fact, remedy)
