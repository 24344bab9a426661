"""Numbers of a result as sentences that a clinician can check: short, with units and intervals."""

from typing import Protocol

from hefed.protocol.messages import Coefficient, Metrics

_MINUS = "\N{MINUS SIGN}"
_NOTHING = dict.fromkeys(name for name in Metrics.model_fields if name != "suppressed")
SEALED_METRICS = Metrics.model_validate({**_NOTHING, "suppressed": "the metrics are sealed"})


class Scored(Protocol):
    """A result of which at least the metrics may be read."""

    @property
    def metrics(self) -> dict[str, Metrics]: ...


def metrics_of(result: Scored, scope: str = "pooled") -> Metrics:
    """Metrics of a scope; while they are sealed, none, and the reason."""
    return result.metrics.get(scope, SEALED_METRICS)


def percent(fraction: float, digits: int = 0) -> str:
    return f"{100 * fraction:.{digits}f} %"


def number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", _MINUS)


def headline(result: Scored, patients: int, hospital_count: int, outcome: str) -> str:
    pooled = metrics_of(result)
    trained = f"Trained on {patients:,} encrypted patients of {_hospitals(hospital_count)}"
    if pooled.auroc is None:
        return f"{trained}; how well it ranks new patients is not shown ({pooled.suppressed})."
    return f"{trained}; on patients it had not seen it ranks {_pair(outcome)} {_auroc_sentence(pooled)}."


def roc_reading(metrics: Metrics, outcome: str) -> str:
    if metrics.auroc is None:
        return f"{metrics.suppressed.capitalize()}."
    return (
        f"Take one patient of each kind at random: the model ranks {_pair(outcome)} {_auroc_sentence(metrics)}. "
        "The dotted diagonal is what a coin would do."
    )


def precision_reading(metrics: Metrics) -> str:
    if metrics.auprc is None or metrics.prevalence is None:
        return f"{metrics.suppressed.capitalize()}."
    return (
        f"{percent(metrics.prevalence, 1)} of the held-out patients had the outcome: that is the dotted line, where "
        f"flagging at random stays. The area under the curve is {number(metrics.auprc, 3)}."
    )


def calibration_reading(metrics: Metrics) -> str:
    if metrics.calibration_slope is None or metrics.calibration_intercept is None:
        return f"{metrics.suppressed.capitalize()}."
    return (
        f"Points on the diagonal mean that a predicted risk comes true as often as it says. Slope "
        f"{number(metrics.calibration_slope, 2)} ({_slope_meaning(metrics.calibration_slope)}), intercept "
        f"{number(metrics.calibration_intercept, 2)} ({_intercept_meaning(metrics.calibration_intercept)}). "
        "Bars are 95 % intervals."
    )


def forest_reading(coefficients: dict[str, Coefficient], labels: dict[str, str]) -> str:
    clear = {name: c for name, c in coefficients.items() if c.ci95[0] > 1 or c.ci95[1] < 1}
    counted = f"{len(clear)} of {len(coefficients)} intervals exclude 1"
    if not clear:
        return f"{counted}: no single variable moves the risk clearly. Right of the line raises the risk."
    strongest = max(clear, key=lambda name: abs(clear[name].estimate))
    c = clear[strongest]
    return (
        f"{counted}. Right of the line raises the risk, left lowers it. Largest: {labels.get(strongest, strongest)}, "
        f"odds ratio {number(c.odds_ratio, 2)} (95 % interval {number(c.ci95[0], 2)} to {number(c.ci95[1], 2)})."
    )


def convergence_reading(criteria: list[float], stop_below: float) -> str:
    if not criteria:
        return "No round has been answered yet; the first point appears after round 1."
    if criteria[-1] < stop_below:
        return f"Settled after {_rounds(len(criteria))}: the criterion fell below {stop_below:g} (dashed line)."
    return f"Still moving after {_rounds(len(criteria))}: the fit stops below {stop_below:g} (dashed line)."


def auroc_text(metrics: Metrics) -> str:
    if metrics.auroc is None:
        return metrics.suppressed
    if metrics.auroc_ci95 is None:
        return f"AUROC {number(metrics.auroc, 3)}"
    low, high = metrics.auroc_ci95
    return f"AUROC {number(metrics.auroc, 3)} [{number(low, 3)}, {number(high, 3)}]"


def auprc_text(metrics: Metrics) -> str:
    if metrics.auprc is None or metrics.prevalence is None:
        return metrics.suppressed
    return f"area {number(metrics.auprc, 3)}, prevalence {number(metrics.prevalence, 3)}"


def calibration_text(metrics: Metrics) -> str:
    if metrics.calibration_slope is None:
        return metrics.suppressed
    return f"slope {number(metrics.calibration_slope, 2)}, n {metrics.n or 0:,}, events {metrics.events or 0:,}"


def _pair(outcome: str) -> str:
    if any(word in outcome.lower() for word in ("death", "mortality", "died", "dead")):
        return "a death above a survivor"
    return f"a patient with “{outcome}” above one without it"


def _auroc_sentence(metrics: Metrics) -> str:
    share = percent(metrics.auroc or 0.0)
    if metrics.auroc_ci95 is None:
        return f"{share} of the time"
    low, high = metrics.auroc_ci95
    return f"{share} of the time (95 % interval {100 * low:.0f} to {100 * high:.0f})"


def _hospitals(count: int) -> str:
    return "1 hospital" if count == 1 else f"{count} hospitals"


def _rounds(count: int) -> str:
    return "1 round" if count == 1 else f"{count} rounds"


def _slope_meaning(slope: float) -> str:
    if slope < 0.9:
        return "predictions are too extreme"
    return "predictions are too timid" if slope > 1.1 else "spread is right"


def _intercept_meaning(intercept: float) -> str:
    if abs(intercept) < 0.1:
        return "level is right"
    return "risks are too low" if intercept > 0 else "risks are too high"
