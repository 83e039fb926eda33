"""What does a reform cost? The change in cost over the window, in one line for each arm."""

from __future__ import annotations

from sim.experiment.study import Study
from sim.report import tables
from sim.scenario.capacity import PRICES

THOUSAND = 1000


def sentence(study: Study, arm: str) -> str:
    """The change in cost against the base in every world, with its computing interval, in thousand pounds; empty where nothing is costed.

    Posts, sittings and suspensions are costed (`sim/measures/money.py`); what a reform takes besides is not, and the line says so.
    """
    rows = tables.differences(study, "cost", counted="pound", basis="in_period")
    rows = rows[(rows["scenario"] == arm) & rows["mean"].notna()]
    parts = []
    for row in rows.to_dict("records"):
        mean, low, high = (float(row[name]) / THOUSAND for name in ("mean", "low", "high"))
        spread = tables.between(low, high, "thousand", sign=True)
        change = tables.number(mean, "thousand", sign=True) + (f" ({spread})" if spread else "")
        parts.append(f"{row['world']} {change}".strip())
    if not parts:
        return ""
    return (
        f"  cost, {tables.window_words(study)}, thousand pounds of {PRICES} (posts, sittings, suspensions; no courses, systems or recruiting): "
        f"{'; '.join(parts)}"
    )
