"""Charts drawn on the server as SVG. Each stands beside a table with the same figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

Series = Mapping[str, Sequence[tuple[date, int]]]


def over_time(series: Series, *, steps: Sequence[str]) -> str:
    """Small charts under each other, one a series, as a data: address for an image.

    series: by title, days with the number of a step, from 1. steps: the words of the scale, lowest first. One scale for
    all; points joined by lines, for what lies between was not asked.
    """
    import altair  # a quarter of a second, which only who draws should pay
    import vl_convert

    rows = [
        {"title": title, "on": on.isoformat(), "step": step} for title, points in series.items() for on, step in points
    ]
    axis = altair.Axis(values=[1, len(steps)], labelExpr=_labels(steps), title=None, grid=False, labelLimit=110)
    days = altair.Axis(title=None, format="%b %Y", grid=False, tickCount=4, labelOverlap=True)
    chart = (
        altair.Chart(altair.InlineData(values=rows))
        .mark_line(point=altair.OverlayMarkDef(size=60, filled=True), color="#0065bd", strokeWidth=2)
        .encode(
            x=altair.X("on:T", axis=days),
            y=altair.Y("step:Q", scale=altair.Scale(domain=[1, len(steps)]), axis=axis),
        )
        .properties(width=300, height=54)
        .facet(
            facet=altair.Facet(
                "title:N",
                sort=list(series),
                title=None,
                header=altair.Header(labelAnchor="start", labelFontSize=13, labelFontWeight="bold"),
            ),
            columns=1,
            spacing=14,
        )
        .configure_view(stroke=None)
        .configure(font="Roboto, sans-serif", background="white")
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_json())
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


Bars = tuple[tuple[str, tuple[float | None, ...]], ...]


@lru_cache(maxsize=64)
def by_year(bars: Bars, years: tuple[str, ...], *, unfinished: tuple[str, ...]) -> str:
    """Small bar charts, one a measure, each on a scale of its own, as a data: address for an image.

    bars: the title of each measure with its number for each year; None draws no bar. unfinished: the years that still
    run, which are drawn in outline. The same figures are drawn once.
    """
    import altair
    import vl_convert

    def small(title: str, numbers: tuple[float | None, ...]) -> Any:
        rows = [
            {"year": year, "number": number, "ends": year not in unfinished}
            for year, number in zip(years, numbers, strict=True)
        ]
        highest = max((number for number in numbers if number is not None), default=0) or 1
        axis = altair.Axis(title=None, labelAngle=0, labelFontSize=12, ticks=False, domainColor="#8a9099")
        base = altair.Chart(altair.InlineData(values=rows)).encode(
            x=altair.X("year:N", sort=list(years), axis=axis),
            y=altair.Y("number:Q", axis=None, scale=altair.Scale(domain=[0, highest * 1.25])),
        )
        fill = altair.Scale(domain=[True, False], range=["#0065bd", "white"])
        columns = base.mark_bar(stroke="#0065bd", strokeWidth=1.5).encode(
            color=altair.Color("ends:N", scale=fill, legend=None)
        )
        words = base.mark_text(dy=-8, fontSize=13, color="#1a1a1a").encode(text="number:Q")
        heading = altair.TitleParams(title, anchor="start", fontSize=14)
        return altair.layer(columns, words).properties(title=heading, width=310, height=90)

    chart = (
        altair.concat(*(small(title, numbers) for title, numbers in bars), columns=3, spacing=24)
        .configure_view(stroke=None)
        .configure(font="Roboto, sans-serif", background="white")
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_json())
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _labels(steps: Sequence[str]) -> str:
    """The words at the two ends of the scale, as Vega reads them."""
    first, last = (word.replace("\\", "").replace("'", "’") for word in (steps[0], steps[-1]))
    return f"datum.value == 1 ? '{first}' : '{last}'"
