"""Numbers of a result as sentences that a clinician can check: short, with units and intervals."""

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from hefed.core.protocol.results import Coefficient, Metrics
from hefed.core.words import Said
from hospitals.words import page_words

_MINUS = "\N{MINUS SIGN}"

# Headings of the tables beside charts: the page shows them in its language, files keep the English.
HEADINGS = (
    gettext_noop("series"),
    gettext_noop("false positive rate"),
    gettext_noop("true positive rate"),
    gettext_noop("recall"),
    gettext_noop("precision"),
    gettext_noop("prevalence"),
    gettext_noop("predicted risk"),
    gettext_noop("observed risk"),
    gettext_noop("low 95 %"),
    gettext_noop("high 95 %"),
    gettext_noop("patients"),
    gettext_noop("events"),
    gettext_noop("variable"),
    gettext_noop("odds ratio"),
    gettext_noop("estimate"),
    gettext_noop("standard error"),
    gettext_noop("odds ratio per natural unit"),
    gettext_noop("round"),
    gettext_noop("kind"),
    gettext_noop("stopping criterion"),
    gettext_noop("repeated"),
)
_NOTHING = dict.fromkeys(name for name in Metrics.model_fields if name != "suppressed")
SEALED_METRICS = Metrics.model_validate({**_NOTHING, "suppressed": Said("releases.metrics_sealed")})


class Scored(Protocol):
    """A result of which at least the metrics may be read."""

    @property
    def metrics(self) -> dict[str, Metrics]: ...


def metrics_of(result: Scored, scope: str = "pooled") -> Metrics:
    """Metrics of a scope; while they are sealed, none, and the reason."""
    return result.metrics.get(scope, SEALED_METRICS)


def percent(fraction: float, digits: int = 0) -> str:
    return _("%(number)s %%") % {"number": f"{100 * fraction:.{digits}f}"}


def number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", _MINUS)


def headline(result: Scored, patients: int, hospital_count: int, outcome: str) -> str:
    pooled = metrics_of(result)
    facts = {"patients": f"{patients:,}", "hospitals": _hospitals(hospital_count)}
    if pooled.auroc is None:
        return _(
            "Trained on %(patients)s encrypted patients of %(hospitals)s; "
            "how well it ranks new patients is not shown (%(reason)s)."
        ) % {**facts, "reason": page_words(pooled.suppressed)}
    return _(
        "Trained on %(patients)s encrypted patients of %(hospitals)s; "
        "on patients it had not seen it ranks %(pair)s %(share)s."
    ) % {**facts, "pair": _pair(outcome), "share": _auroc_sentence(pooled)}


def roc_reading(metrics: Metrics, outcome: str) -> str:
    if metrics.auroc is None:
        return _hidden(metrics)
    return _(
        "Take one patient of each kind at random: the model ranks %(pair)s %(share)s. "
        "The dotted diagonal is what a coin would do."
    ) % {"pair": _pair(outcome), "share": _auroc_sentence(metrics)}


def precision_reading(metrics: Metrics) -> str:
    if metrics.auprc is None or metrics.prevalence is None:
        return _hidden(metrics)
    return _(
        "%(prevalence)s of the held-out patients had the outcome: that is the dotted line, where "
        "flagging at random stays. The area under the curve is %(area)s."
    ) % {"prevalence": percent(metrics.prevalence, 1), "area": number(metrics.auprc, 3)}


def calibration_reading(metrics: Metrics) -> str:
    if metrics.calibration_slope is None or metrics.calibration_intercept is None:
        return _hidden(metrics)
    return _(
        "Points on the diagonal mean that a predicted risk comes true as often as it says. Slope %(slope)s "
        "(%(spread)s), intercept %(intercept)s (%(level)s). Bars are 95 %% intervals."
    ) % {
        "slope": number(metrics.calibration_slope, 2),
        "spread": _slope_meaning(metrics.calibration_slope),
        "intercept": number(metrics.calibration_intercept, 2),
        "level": _intercept_meaning(metrics.calibration_intercept),
    }


def forest_reading(coefficients: dict[str, Coefficient], labels: dict[str, str]) -> str:
    clear = {name: c for name, c in coefficients.items() if c.ci95[0] > 1 or c.ci95[1] < 1}
    facts = {"clear": len(clear), "all": len(coefficients)}
    if not clear:
        return (
            _(
                "%(clear)s of %(all)s intervals exclude 1: no single variable moves the risk clearly. "
                "Right of the line raises the risk."
            )
            % facts
        )
    strongest = max(clear, key=lambda name: abs(clear[name].estimate))
    c = clear[strongest]
    return _(
        "%(clear)s of %(all)s intervals exclude 1. Right of the line raises the risk, left lowers it. "
        "Largest: %(variable)s, odds ratio %(odds_ratio)s (95 %% interval %(low)s to %(high)s)."
    ) % {
        **facts,
        "variable": labels.get(strongest, strongest),
        "odds_ratio": number(c.odds_ratio, 2),
        "low": number(c.ci95[0], 2),
        "high": number(c.ci95[1], 2),
    }


def convergence_reading(criteria: list[float], stop_below: float) -> str:
    if not criteria:
        return _("No round has been answered yet; the first point appears after round 1.")
    settled = next((count for count, criterion in enumerate(criteria, 1) if criterion < stop_below), None)
    facts = {"rounds": _rounds(settled or len(criteria)), "limit": f"{stop_below:g}"}
    if settled:
        return _("Settled after %(rounds)s: the criterion fell below %(limit)s (dashed line).") % facts
    return _("Still moving after %(rounds)s: the fit stops below %(limit)s (dashed line).") % facts


def auroc_text(metrics: Metrics) -> str:
    if metrics.auroc is None:
        return page_words(metrics.suppressed)
    if metrics.auroc_ci95 is None:
        return f"AUROC {number(metrics.auroc, 3)}"
    low, high = metrics.auroc_ci95
    return f"AUROC {number(metrics.auroc, 3)} [{number(low, 3)}, {number(high, 3)}]"


def auprc_text(metrics: Metrics) -> str:
    if metrics.auprc is None or metrics.prevalence is None:
        return page_words(metrics.suppressed)
    facts = {"area": number(metrics.auprc, 3), "prevalence": number(metrics.prevalence, 3)}
    return _("area %(area)s, prevalence %(prevalence)s") % facts


def calibration_text(metrics: Metrics) -> str:
    if metrics.calibration_slope is None:
        return page_words(metrics.suppressed)
    slope, n, events = number(metrics.calibration_slope, 2), f"{metrics.n or 0:,}", f"{metrics.events or 0:,}"
    return _("slope %(slope)s, n %(n)s, events %(events)s") % {"slope": slope, "n": n, "events": events}


def _hidden(metrics: Metrics) -> str:
    """Why there is nothing to read, as a sentence."""
    reason = page_words(metrics.suppressed)
    return f"{reason[:1].upper()}{reason[1:]}."


def _pair(outcome: str) -> str:
    if any(word in outcome.lower() for word in ("death", "mortality", "died", "dead", "사망")):
        return _("a death above a survivor")
    return _("a patient with “%(outcome)s” above one without it") % {"outcome": outcome}


def _auroc_sentence(metrics: Metrics) -> str:
    share = percent(metrics.auroc or 0.0)
    if metrics.auroc_ci95 is None:
        return _("%(share)s of the time") % {"share": share}
    low, high = (f"{100 * end:.0f}" for end in metrics.auroc_ci95)
    return _("%(share)s of the time (95 %% interval %(low)s to %(high)s)") % {"share": share, "low": low, "high": high}


def _hospitals(count: int) -> str:
    return ngettext("%(n)s hospital", "%(n)s hospitals", count) % {"n": count}


def _rounds(count: int) -> str:
    return ngettext("%(n)s round", "%(n)s rounds", count) % {"n": count}


def _slope_meaning(slope: float) -> str:
    if slope < 0.9:
        return _("predictions are too extreme")
    return _("predictions are too timid") if slope > 1.1 else _("spread is right")


def _intercept_meaning(intercept: float) -> str:
    if abs(intercept) < 0.1:
        return _("level is right")
    return _("risks are too low") if intercept > 0 else _("risks are too high")
