"""What the monitor sees that speaks against a change, beside what its plan says."""

from __future__ import annotations

from msktop.ui.form_cluster import COUNT
from msktop.ui.forms import Form, Known, Values


def warnings(form: Form, known: Known, values: Values) -> tuple[str, ...]:
    """In sentences, worst first."""
    cluster, found = known.cluster, []
    down = [b for b in cluster.brokers.values() if b.probe.word == "down"]
    if form.rolling and down:
        names = ", ".join(b.name for b in down[:6])
        found.append(f"Now down: {names}. One more away may take partitions offline.")
    elif form.rolling and cluster.totals.under_replicated:
        found.append(
            f"{cluster.totals.under_replicated} partitions are under-replicated now:"
            " one more broker away may take some offline."
        )
    if form is COUNT and known.facts is not None and values["count"].strip().isdecimal():
        found += _shrinking(known, int(values["count"]))
    return tuple(found)


def _shrinking(known: Known, count: int) -> list[str]:
    brokers = known.cluster.brokers.values()
    if known.facts is None or not 0 < count < known.facts.broker_count or not brokers:
        return []
    empty = [b.name for b in brokers if not b.counts.replicas]
    if not empty:
        return ["Every broker holds replicas now: MSK refuses it until those that leave hold none."]
    if len(empty) >= known.facts.broker_count - count:
        return []
    return [f"Of these only {', '.join(empty[:9])} can leave now: the others hold replicas."]
