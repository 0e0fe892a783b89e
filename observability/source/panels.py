"""How a panel is made: an expression, a unit, and lines where a service level lies."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import common, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, ThresholdsConfig
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as query_models

SOURCE = models.DataSourceRef(type_val="prometheus", uid="prometheus")
GREEN, AMBER, RED = "green", "orange", "red"


@dataclass(frozen=True)
class Query:
    """One line of a panel, or several by labels."""

    expr: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """`good` and `bad`: the service level's target and the value at which an alert fires, drawn as lines."""

    title: str
    unit: str
    queries: Sequence[Query]
    good: float | None = None
    bad: float | None = None
    figure: bool = False
    falling: bool = False
    """Whether less is worse."""
    about: str = ""
    span: int = 12
    steps: Sequence[models.Threshold] = field(default_factory=tuple)


def thresholds(panel: Panel) -> list[models.Threshold]:
    """From the worst to the best where less is worse, else the other way round."""
    if panel.steps:
        return list(panel.steps)
    if panel.good is None and panel.bad is None:
        return [models.Threshold(value=None, color=GREEN)]
    if panel.falling:
        steps = [models.Threshold(value=None, color=RED)]
        if panel.bad is not None:
            steps.append(models.Threshold(value=panel.bad, color=AMBER))
        return [*steps, models.Threshold(value=panel.good, color=GREEN)]
    steps = [models.Threshold(value=None, color=GREEN)]
    if panel.good is not None:
        steps.append(models.Threshold(value=panel.good, color=AMBER))
    return [*steps, models.Threshold(value=panel.bad, color=RED)] if panel.bad is not None else steps


def built(panel: Panel) -> stat.Panel | timeseries.Panel:
    scale = ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(thresholds(panel))
    made: stat.Panel | timeseries.Panel
    if panel.figure:
        calculated = common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(values=False)
        made = stat.Panel().reduce_options(calculated).graph_mode(shapes.BigValueGraphMode.AREA)
    else:
        lines = shapes.GraphTresholdsStyleMode.DASHED if panel.good is not None else shapes.GraphTresholdsStyleMode.OFF
        made = (
            timeseries.Panel()
            .thresholds_style(common.GraphThresholdsStyleConfig().mode(lines))
            .fill_opacity(8)
            .legend(common.VizLegendOptions().show_legend(show_legend=True).placement(shapes.LegendPlacement.BOTTOM))
        )
    made = made.title(panel.title).unit(panel.unit).datasource(SOURCE).thresholds(scale).height(8).span(panel.span)
    if panel.about:
        made = made.description(panel.about)
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(letter)
        made = made.with_target(asked.format(query_models.PromQueryFormat.TIME_SERIES))
    return made


Rows = Sequence[tuple[str, Sequence[Panel]]]
"""A dashboard's rows, each with its title."""


def board(uid: str, title: str, rows: Rows) -> Dashboard:
    made = (
        Dashboard(title).uid(uid).tags(["billing"]).refresh("30s").time("now-6h", "now").timezone("browser").readonly()
    )  # fmt: skip
    for name, panels in rows:
        made = made.with_row(Row(name))
        for panel in panels:
            made = made.with_panel(built(panel))
    return made
