"""The report of `make load`: each level against its target, and what customers waited, each second. One HTML file."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 220, 56, 24, 10
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Service levels under load</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:800px;margin:2rem auto;color:#1f2937}}
table{{border-collapse:collapse;width:100%}}td,th{{padding:.3rem .6rem;border-bottom:1px solid #e5e7eb;text-align:left}}
td.n{{text-align:right;font-variant-numeric:tabular-nums}}.no{{color:#b91c1c;font-weight:600}}.yes{{color:#15803d}}
svg text{{font-size:11px;fill:#6b7280}}</style><h1>Service levels under load</h1>
<table><tr><th>level<th>target<th>measured<th>of the target<th></tr>{rows}</table>
<h2>What customers waited, ms</h2><p>For each second: the median (blue), the 95th of 100 (amber); dashed: the target of
the 95th.</p>{waits}<h2>Requests answered in each second</h2>{answered}</html>
"""


@dataclass(frozen=True)
class Level:
    """A target, what was measured, and whether that is good enough."""

    name: str
    sign: str
    target: float
    measured: float
    unit: str
    kept: bool


def report(levels: Sequence[Level], waits: Sequence[tuple[float, float]]) -> str:
    """`waits`: when a request was due, and how long its answer took, in seconds."""
    seconds: dict[int, list[float]] = defaultdict(list)
    for at, wait in waits:
        seconds[int(at)].append(wait * 1000)
    goal = next(each.target for each in levels if each.name == "API latency p95")
    lines = {"#2563eb": _each(seconds, statistics.median), "#d97706": _each(seconds, _p95)}
    answered = {"#2563eb": _each(seconds, lambda found: float(len(found)))}
    return PAGE.format(rows="".join(map(_row, levels)), waits=_chart(lines, goal), answered=_chart(answered))


def _row(level: Level) -> str:
    share = min(level.measured / level.target, 1) * 100
    bar = '<svg width="120" height="10"><rect width="120" height="10" fill="#e5e7eb"/>'
    bar += f'<rect width="{share * 1.2:.0f}" height="10" fill="#2563eb"/></svg>'
    verdict = '<td class="yes">kept' if level.kept else '<td class="no">MISSED'
    target = escape(f"{level.sign} {level.target:,} {level.unit}")
    return f'<tr><td>{level.name}<td>{target}<td class="n">{level.measured:,.1f}<td>{bar}{verdict}</tr>'


def _p95(found: Sequence[float]) -> float:
    return statistics.quantiles(found, n=20, method="inclusive")[-1] if len(found) > 1 else found[0]


def _each(
    seconds: Mapping[int, Sequence[float]], figure: Callable[[Sequence[float]], float]
) -> Sequence[tuple[int, float]]:
    return [(second, figure(seconds[second])) for second in sorted(seconds)]


def _chart(lines: Mapping[str, Sequence[tuple[int, float]]], goal: float | None = None) -> str:
    """Lines by colour over seconds, from zero; a dashed one at the goal."""
    points = [point for line in lines.values() for point in line]
    top = max([value for _, value in points] + ([goal] if goal else [])) * 1.05
    last = max(second for second, _ in points) or 1
    floor = HEIGHT - BOTTOM

    def place(second: float, value: float) -> str:
        return f"{LEFT + (WIDTH - LEFT) * second / last:.1f},{floor - (floor - TOP) * value / top:.1f}"

    drawn = []
    for colour, line in lines.items():
        points_ = " ".join(place(*each) for each in line)
        drawn.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points_}"/>')
    for value in (0, top / 2, top):
        y = place(0, value).partition(",")[2]
        drawn.append(f'<text x="{LEFT - 6}" y="{y}" text-anchor="end">{value:,.0f}</text>')
        drawn.append(f'<path d="M{LEFT},{y}H{WIDTH}" stroke="#e5e7eb"/>')
    drawn += [
        f'<text x="{place(second, 0).partition(",")[0]}" y="{HEIGHT - 6}" text-anchor="end">{second} s</text>'
        for second in (0, last // 2, last)
    ]
    if goal:
        y = place(0, goal).partition(",")[2]
        drawn.append(f'<path d="M{LEFT},{y}H{WIDTH}" stroke="#b91c1c" stroke-dasharray="5 4"/>')
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(drawn)}</svg>'
