"""Charts drawn on the server as SVG. Each stands beside a table with the same figures."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

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
