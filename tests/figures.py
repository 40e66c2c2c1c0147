"""The figures of a server, as Prometheus would read them."""

from collections.abc import Mapping

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.door import Door

TOKEN = "metrics-" + "m" * 32

Series = tuple[str, tuple[tuple[str, str], ...]]
Figures = Mapping[Series, float]


def figures_of(response: httpx.Response) -> Figures:
    """Each series of a page, with its figure."""
    assert response.status_code == 200, response.text
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def figures(door: Door) -> Figures:
    """Those of the application behind the door, which trusts TOKEN."""
    sent = {"Authorization": f"Bearer {TOKEN}"}
    return figures_of(await door.client.get("/metrics", headers=sent))


def figure(found: Figures, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


def grown(before: Figures, after: Figures) -> Figures:
    """What became more or less, but for how long things took, and the process's own figures."""
    told = {series: value for series, value in after.items() if not _measured(series)}
    return {each: value - before[each] for each, value in told.items() if value != before[each]}


def _measured(series: Series) -> bool:
    name, _ = series
    return name.startswith("process_") or name.endswith(("_sum", "_bucket"))
