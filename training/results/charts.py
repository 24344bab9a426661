"""Charts of a released result: a Plotly figure, what it says in words, and the same numbers as a table.

Colours are CSS custom properties (``var(--hospital-1)``): static/js/charts.js puts in the value of the theme in use.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import plotly.graph_objects as go
from django.utils.translation import gettext

from hefed.core.protocol.results import Coefficient, Curves, Metrics, ModelResult
from hospitals.csv_files import csv_text
from hospitals.institutions.selectors import HospitalMark
from hospitals.words import page_words
from training.results import words

POOLED = "pooled"
INK, MUTED = "var(--hefed-ink)", "var(--hefed-muted)"
_ODDS_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
_ODDS_LIMIT = 20.0
_CRITERION_TICKS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000)

Cell = str | int | float | None
Series = list[tuple[str, HospitalMark | None, Curves]]


class Drawable(words.Scored, Protocol):
    """What charts are drawn from: a whole result, or what is released of one."""

    @property
    def curves(self) -> dict[str, Curves]: ...
    @property
    def model(self) -> ModelResult | None: ...


@dataclass(frozen=True)
class Key:
    """An entry of a legend; ``hospital`` is None for the pool."""

    series: str
    label: str
    detail: str
    hospital: HospitalMark | None
    shown: bool = True


@dataclass(frozen=True)
class Chart:
    """``reading`` says in words what the chart shows; ``header`` and ``rows`` hold every number in it.

    ``place``: on the page of a result, beside another curve, on a row of its own, or at the end beside its origin.
    """

    name: str
    title: str
    figure: dict[str, Any]
    reading: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    keys: list[Key] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    place: Literal["beside", "row", "end"] = "row"
    height: str = "square"  # class of the canvas: its size is reserved before the script runs

    @property
    def element_id(self) -> str:
        return f"figure-{self.name}"

    def to_csv(self) -> str:
        return csv_text([self.header, *self.rows])

    def to_json(self) -> dict[str, Any]:
        rows = [dict(zip(self.header, row, strict=True)) for row in self.rows]
        return {"chart": self.name, "title": self.title, "reading": self.reading, "notes": self.notes, "rows": rows}


@dataclass(frozen=True)
class RoundPoint:
    """The stopping criterion after one round of a job; ``repeated`` when its interval was too narrow."""

    number: int
    kind: str
    criterion: float | None
    repeated: bool


def result_charts(result: Drawable, members: list[HospitalMark], labels: dict[str, str], outcome: str) -> list[Chart]:
    """The charts of what is released, but the convergence plot. ``labels`` names the model's columns for people."""
    drawn = [] if result.model is None else [forest(result.model, labels)]
    if not result.curves:
        return drawn
    return [roc(result, members, outcome), precision_recall(result, members), calibration(result, members), *drawn]


def roc(result: Drawable, members: list[HospitalMark], outcome: str) -> Chart:
    series = _with_curves(result, members)
    figure = _figure(gettext("False positive rate"), gettext("True positive rate"), unit_square=True)
    _add_diagonal(figure, 1.0)
    for name, hospital, curves in series:
        _add_curve(figure, name, hospital, curves.roc, gettext("FPR {x}, TPR {y}").format(x="%{x:.3f}", y="%{y:.3f}"))
    return Chart(
        name="roc",
        title=gettext("Ranking: ROC curve"),
        figure=_json(figure),
        keys=_keys(series, _details(result, words.auroc_text)),
        reading=words.roc_reading(words.metrics_of(result), outcome),
        notes=_suppressions(result, members),
        header=("series", "false positive rate", "true positive rate"),
        rows=[(name, x, y) for name, _, curves in series for x, y in curves.roc],
        place="beside",
    )


def precision_recall(result: Drawable, members: list[HospitalMark]) -> Chart:
    series = _with_curves(result, members)
    figure = _figure(
        gettext("Recall: share of events found"), gettext("Precision: events among the flagged"), unit_square=True
    )
    hover = gettext("recall {x}, precision {y}").format(x="%{x:.3f}", y="%{y:.3f}")
    for name, hospital, curves in series:
        _add_prevalence(figure, name, hospital, words.metrics_of(result, name))
        _add_curve(figure, name, hospital, curves.precision_recall, hover)
    return Chart(
        name="precision-recall",
        title=gettext("Finding events: precision and recall"),
        figure=_json(figure),
        keys=_keys(series, _details(result, words.auprc_text)),
        reading=words.precision_reading(words.metrics_of(result)),
        notes=_suppressions(result, members),
        header=("series", "recall", "precision", "prevalence"),
        rows=[
            (name, x, y, words.metrics_of(result, name).prevalence)
            for name, _, curves in series
            for x, y in curves.precision_recall
        ],
        place="beside",
    )


def calibration(result: Drawable, members: list[HospitalMark]) -> Chart:
    series = [entry for entry in _with_curves(result, members) if entry[2].calibration]
    figure = _figure(gettext("Predicted risk"), gettext("Observed risk"), unit_square=False)
    top = _highest_risk([curves for _, _, curves in series])
    _add_diagonal(figure, top)
    for name, hospital, curves in series:
        _add_bins(figure, name, hospital, curves)
    figure.update_xaxes(range=[0, top], tickformat=".0%")
    figure.update_yaxes(range=[0, top], tickformat=".0%")
    return Chart(
        name="calibration",
        title=gettext("Risk as predicted, risk as seen"),
        figure=_json(figure),
        keys=_keys(series, _details(result, words.calibration_text), pool_only=True),
        reading=words.calibration_reading(words.metrics_of(result)),
        notes=_suppressions(result, members),
        header=("series", "predicted risk", "observed risk", "low 95 %", "high 95 %", "patients", "events"),
        rows=[(name, b.predicted, b.observed, *b.ci95, b.n, b.events) for name, _, c in series for b in c.calibration],
    )


def forest(model: ModelResult, labels: dict[str, str]) -> Chart:
    """Odds ratios as the model uses its columns (per dictionary scale); the table adds them per natural unit."""
    items = list(model.coefficients.items())
    names = [labels.get(column, column) for column, _ in items]
    figure = _figure(gettext("Odds ratio (logarithmic axis)"), "", unit_square=False)
    figure.add_vline(x=1, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.add_trace(_intervals([coefficient for _, coefficient in items], names))
    low, high = _odds_range([coefficient for _, coefficient in items])
    ticks = [tick for tick in _ODDS_TICKS if low <= math.log10(tick) <= high]
    figure.update_xaxes(type="log", range=[low, high], tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, title=None, ticks="", dtick=1)
    figure.update_layout(height=96 + 26 * len(items))
    return Chart(
        name="odds-ratios",
        title=gettext("What moves the risk: odds ratios"),
        figure=_json(figure),
        reading=words.forest_reading(model.coefficients, labels),
        notes=[],
        header=(
            "variable",
            "odds ratio",
            "low 95 %",
            "high 95 %",
            "estimate",
            "standard error",
            "odds ratio per natural unit",
        ),
        rows=[_forest_row(model, column, name) for (column, _), name in zip(items, names, strict=True)],
        height="tall",
    )


def convergence(points: list[RoundPoint], stop_below: float) -> Chart:
    measured = [point for point in points if point.criterion is not None and point.criterion > 0]
    figure = _figure(gettext("Round"), gettext("Stopping criterion (log)"), unit_square=False)
    figure.add_hline(y=stop_below, line={"color": "var(--hefed-accent)", "width": 1.5, "dash": "dash"})
    figure.add_scatter(
        x=[point.number for point in measured],
        y=[point.criterion for point in measured],
        mode="lines+markers",
        line={"color": INK, "width": 2},
        marker={"color": INK, "size": 8, "symbol": ["x" if point.repeated else "circle" for point in measured]},
        hovertemplate=gettext("round {x}: {y}").format(x="%{x}", y="%{y:.1g}") + "<extra></extra>",
    )
    # Texts of our own: Plotly writes powers of ten with an inline style, which the content security policy forbids.
    seen = [point.criterion for point in measured if point.criterion] or [10.0]
    low, high = max(min(*seen, stop_below), _CRITERION_TICKS[0]), max(seen)
    figure.update_yaxes(type="log", range=[math.log10(low) - 0.5, math.log10(high) + 0.3])
    figure.update_yaxes(tickvals=_CRITERION_TICKS, ticktext=[f"{tick:g}" for tick in _CRITERION_TICKS])
    figure.update_xaxes(dtick=max(1, math.ceil(len(points) / 10)), range=None if measured else [0.5, 6.5])
    return Chart(
        name="convergence",
        title=gettext("How the fit settles"),
        figure=_json(figure),
        reading=words.convergence_reading([point.criterion for point in measured if point.criterion], stop_below),
        header=("round", "kind", "stopping criterion", "repeated"),
        rows=[(point.number, point.kind, point.criterion, "yes" if point.repeated else "no") for point in points],
        place="end",
        height="short",
    )


def _forest_row(model: ModelResult, column: str, name: str) -> tuple[Cell, ...]:
    fitted, natural = model.coefficients[column], model.natural.coefficients.get(column)
    return (
        name,
        fitted.odds_ratio,
        *fitted.ci95,
        fitted.estimate,
        fitted.standard_error,
        natural.odds_ratio if natural else None,
    )


def _with_curves(result: Drawable, members: list[HospitalMark]) -> Series:
    """The series that may be drawn, hospitals first so that the pool lies on top."""
    named: list[tuple[str, HospitalMark | None]] = [(member.slug, member) for member in members]
    found = [(name, hospital, result.curves.get(name)) for name, hospital in [*named, (POOLED, None)]]
    return [(name, hospital, curves) for name, hospital, curves in found if curves and not curves.suppressed]


def _suppressions(result: Drawable, members: list[HospitalMark]) -> list[str]:
    found = ((member.name, result.curves.get(member.slug)) for member in members)
    return [f"{name}: {page_words(curves.suppressed)}" for name, curves in found if curves and curves.suppressed]


def _keys(series: Series, details: dict[str, str], *, pool_only: bool = False) -> list[Key]:
    """Legend entries; with ``pool_only`` hospitals start hidden and can be ticked."""
    return [
        Key(name, _label(hospital), details[name], hospital, shown=hospital is None or not pool_only)
        for name, hospital, _ in series
    ]


def _details(result: Drawable, text: Callable[[Metrics], str]) -> dict[str, str]:
    """By series; nothing while the metrics are sealed."""
    return {name: text(result.metrics[name]) if name in result.metrics else "" for name in result.curves}


def _label(hospital: HospitalMark | None) -> str:
    return hospital.name if hospital else gettext("All hospitals")


def _line(hospital: HospitalMark | None) -> dict[str, Any]:
    if hospital is None:
        return {"color": INK, "width": 3}
    return {"color": hospital.colour, "width": 2, "dash": hospital.dash}


def _marker(hospital: HospitalMark | None) -> dict[str, Any]:
    if hospital is None:
        return {"color": INK, "symbol": "circle", "size": 9}
    return {"color": hospital.colour, "symbol": hospital.symbol, "size": 8}


def _add_diagonal(figure: go.Figure, end: float) -> None:
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[0, end], y=[0, end], mode="lines", line=line, hoverinfo="skip")


def _add_curve(
    figure: go.Figure, name: str, hospital: HospitalMark | None, points: list[tuple[float, float]], hover: str
) -> None:
    """A line, and a symbol on about eight of its points: colour alone would leave some readers out."""
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines+markers",
        meta=name,
        line=_line(hospital),
        marker={**_marker(hospital), "maxdisplayed": 8},
        hovertemplate=f"{_label(hospital)}: {hover}<extra></extra>",
    )


def _add_prevalence(figure: go.Figure, name: str, hospital: HospitalMark | None, metrics: Metrics) -> None:
    if metrics.prevalence is None:
        return
    line = {"color": _line(hospital)["color"], "width": 1, "dash": "dot"}
    level = [metrics.prevalence] * 2
    hover = gettext("prevalence {y}").format(y="%{y:.3f}") + "<extra></extra>"
    figure.add_scatter(x=[0, 1], y=level, mode="lines", meta=name, line=line, hovertemplate=hover)


def _add_bins(figure: go.Figure, name: str, hospital: HospitalMark | None, curves: Curves) -> None:
    bins = curves.calibration
    risks = gettext("predicted {x}, observed {y}").format(x="%{x:.1%}", y="%{y:.1%}")
    counts = gettext("{events} of {n}").format(events="%{customdata[1]}", n="%{customdata[0]}")
    figure.add_scatter(
        x=[b.predicted for b in bins],
        y=[b.observed for b in bins],
        mode="markers",
        meta=name,
        visible=hospital is None,
        marker=_marker(hospital),
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(b.ci95[1] - b.observed, 0) for b in bins],
            "arrayminus": [max(b.observed - b.ci95[0], 0) for b in bins],
            "color": _line(hospital)["color"],
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[[b.n, b.events] for b in bins],
        hovertemplate=f"{risks}<br>{counts}<extra></extra>",
    )


def _intervals(coefficients: list[Coefficient], names: list[str]) -> go.Scatter:
    ends = gettext("{low} to {high}").format(low="%{customdata[0]:.2f}", high="%{customdata[1]:.2f}")
    return go.Scatter(
        x=[c.odds_ratio for c in coefficients],
        y=names,
        mode="markers",
        marker={"color": "var(--hefed-accent)", "size": 9, "symbol": "square"},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [c.ci95[1] - c.odds_ratio for c in coefficients],
            "arrayminus": [c.odds_ratio - c.ci95[0] for c in coefficients],
            "color": "var(--hefed-accent)",
            "thickness": 2,
            "width": 0,
        },
        customdata=[[c.ci95[0], c.ci95[1]] for c in coefficients],
        hovertemplate="%{y}: %{x:.2f} (" + ends + ")<extra></extra>",
    )


def _odds_range(coefficients: list[Coefficient]) -> tuple[float, float]:
    """Decades that hold 1 and every interval, cut at 1/20 and 20: one wide interval must not flatten all others."""
    ends = [end for c in coefficients for end in c.ci95] + [0.8, 1.25]
    cut = [min(max(end, 1 / _ODDS_LIMIT), _ODDS_LIMIT) for end in ends]
    return math.log10(min(cut)) - 0.05, math.log10(max(cut)) + 0.05


def _highest_risk(curves: list[Curves]) -> float:
    ends = [end for curve in curves for b in curve.calibration for end in (b.predicted, b.ci95[1])]
    return min(1.0, 1.05 * max(ends, default=1.0))


def _figure(x_title: str, y_title: str, *, unit_square: bool) -> go.Figure:
    """Axes without a theme of their own, so that static/js/charts.js can dress them for light and dark."""
    axis = {
        "gridcolor": "var(--hefed-line)",
        "linecolor": MUTED,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "outside",
    }
    square = {"range": [0, 1.005], "dtick": 0.2} if unit_square else {}
    figure = go.Figure()
    figure.update_layout(
        template="none",
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 64, "r": 16, "t": 16, "b": 56},
        font={"family": "Inter Variable, system-ui, sans-serif", "size": 13, "color": INK},
        hoverlabel={"bgcolor": "var(--hefed-surface)", "bordercolor": MUTED, "font": {"color": INK}},
        xaxis={**axis, **square, "title": {"text": x_title, "font": {"size": 13}}},
        yaxis={**axis, **square, "automargin": True, "title": {"text": y_title, "font": {"size": 13}, "standoff": 8}},
    )
    return figure


def _json(figure: go.Figure) -> dict[str, Any]:
    plain: dict[str, Any] = figure.to_plotly_json()
    return {"data": plain["data"], "layout": {k: v for k, v in plain["layout"].items() if k != "template"}}
