"""The forms that change a cluster.

The checks and the plans are those of `actions/`, and `msktop cluster` has the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from msktop.actions import updates
from msktop.actions.levels import Monitoring
from msktop.actions.plan import Plan
from msktop.model import limits
from msktop.ui.forms import Field, Form, Known, Values, number

# ------------------------------------------------------------------ what there is to choose from


def _counts(known: Known, _: Values) -> Sequence[str]:
    facts = known.existing
    zones = facts.zone_count or 1
    return tuple(str(n) for n in range(zones, limits.most_brokers(facts.metadata) + 1, zones))


def _types(known: Known, _: Values) -> Sequence[str]:
    family = limits.family((known.facts and known.facts.instance_type) or "kafka.")
    return tuple(t for t in limits.instance_types() if limits.family(t) == family)


def _levels(_: Known, __: Values) -> Sequence[str]:
    return get_args(Monitoring)


def configurations(known: Known, _: Values) -> Sequence[str]:
    """The ARNs of those that the account has."""
    return tuple(one.arn for one in known.offers.configurations or ())


def revisions(known: Known, values: Values) -> Sequence[str]:
    """Of the configuration that stands there."""
    newest = newest_revision(known, values)
    return tuple(str(n) for n in range(1, newest + 1))


def newest_revision(known: Known, values: Values) -> int:
    """The newest revision of the configuration that stands there; 0: not known."""
    arn = values.get("arn", "")
    return next((one.revision for one in known.offers.configurations or () if one.arn == arn), 0)


def configuration_hint(known: Known, values: Values) -> str:
    """The name of the one that stands there, or what there is to choose from."""
    offered = known.offers.configurations
    if offered is None:
        return "kafka:ListConfigurations is denied: type its ARN"
    name = next((one.name for one in offered if one.arn == values.get("arn")), "")
    return name or (f"{len(offered)} to choose from" if offered else "the account has none")


def _brokers(known: Known, _: Values) -> Sequence[str]:
    return tuple(map(str, known.existing.broker_ids or ()))


# ------------------------------------------------------------------ the forms that change a cluster


def _update_count(known: Known, values: Values) -> Plan:
    return updates.update_broker_count(known.existing, number(values["count"], "number of brokers"))


def _update_type(known: Known, values: Values) -> Plan:
    held = [b.counts.replicas for b in known.cluster.brokers.values()]
    return updates.update_broker_type(known.existing, values["type"].strip(), max(held, default=None))


def _update_storage(known: Known, values: Values) -> Plan:
    return updates.update_storage(known.existing, number(values["gib"], "number of GiB"), known.cluster.at)


def _update_version(known: Known, values: Values) -> Plan:
    return updates.update_kafka_version(known.existing, values["version"].strip())


def _update_monitoring(known: Known, values: Values) -> Plan:
    return updates.update_monitoring(known.existing, cast("Monitoring", values["level"].strip().upper()))


def _update_configuration(known: Known, values: Values) -> Plan:
    revision = number(values["revision"] or "0", "revision")
    return updates.update_configuration(known.existing, values["arn"].strip(), revision)


def _reboot(known: Known, values: Values) -> Plan:
    return updates.reboot_broker(known.existing, number(values["broker"], "number of a broker"))


def _delete(known: Known, _: Values) -> Plan:
    return updates.delete_cluster(known.existing)


def _offered(versions: Sequence[str] | None) -> str:
    if versions is None:
        return "kafka:GetCompatibleKafkaVersions is denied: type it"
    return f"MSK offers {', '.join(versions)}" if versions else "MSK offers none from here"


REBOOT = Form(
    id="reboot-broker",
    label="Reboot a broker",
    fields=(
        Field(
            "broker",
            "broker",
            first=lambda k, _: str(k.broker if k.broker is not None else next(iter(_brokers(k, {})), "")),
            choices=_brokers,
            hint=lambda k, _: f"of {', '.join(_brokers(k, {}))}" if len(_brokers(k, {})) <= 12 else "",
        ),
    ),
    plan=_reboot,
    title=lambda v, _: f"Reboot b-{v['broker'].strip()}",
    words=lambda v: (v["broker"].strip(),),
    needs="broker",
    rolling=True,
)
COUNT = Form(
    id="update-broker-count",
    label="Number of brokers",
    fields=(
        Field(
            "count",
            "brokers",
            first=lambda k, _: str(k.existing.broker_count),
            choices=_counts,
            hint=lambda k, _: f"a multiple of {k.existing.zone_count}: as many in each zone",
        ),
    ),
    plan=_update_count,
    now=lambda c: str(len(c.brokers) or ""),
    words=lambda v: (v["count"].strip(),),
)
TYPE = Form(
    id="update-broker-type",
    label="Broker type",
    fields=(
        Field(
            "type",
            "instance type",
            first=lambda k, _: k.existing.instance_type or "",
            choices=_types,
            hint=lambda k, _: f"one of {len(_types(k, {}))} of this family",
        ),
    ),
    plan=_update_type,
    now=lambda c: (c.description and c.description.instance_type) or "",
    words=lambda v: (v["type"].strip(),),
    rolling=True,
)
STORAGE = Form(
    id="update-storage",
    label="Storage",
    fields=(
        Field(
            "gib",
            "GiB a broker",
            first=lambda k, _: str(k.existing.volume_gib or ""),
            hint=lambda k, _: f"up to {limits.MOST_VOLUME_GIB}; volumes never shrink",
        ),
    ),
    plan=_update_storage,
    now=lambda c: f"{c.description.volume_gib} GiB" if c.description and c.description.volume_gib else "",
    words=lambda v: (v["gib"].strip(),),
)
VERSION = Form(
    id="update-kafka-version",
    label="Kafka version",
    fields=(
        Field(
            "version",
            "Kafka",
            first=lambda k, _: k.existing.kafka_version or "",
            choices=lambda k, _: k.existing.later_versions or (),
            hint=lambda k, _: _offered(k.existing.later_versions),
        ),
    ),
    plan=_update_version,
    now=lambda c: c.kafka_version or "",
    words=lambda v: (v["version"].strip(),),
    rolling=True,
)
MONITORING = Form(
    id="update-monitoring",
    label="Monitoring level",
    fields=(Field("level", "level", first=lambda k, _: k.existing.monitoring or "DEFAULT", choices=_levels),),
    plan=_update_monitoring,
    now=lambda c: (c.description and c.description.enhanced_monitoring) or "",
    words=lambda v: (v["level"].strip().upper(),),
)
CONFIGURATION = Form(
    id="update-configuration",
    label="Configuration",
    fields=(
        Field(
            "arn",
            "ARN",
            first=lambda k, _: (k.existing.configuration or "").partition(" ")[0],
            choices=configurations,
            hint=configuration_hint,
        ),
        Field(
            "revision",
            "revision",
            first=lambda k, v: str(newest_revision(k, v) or ""),
            choices=revisions,
            hint=lambda k, v: f"the newest is {newest_revision(k, v)}" if newest_revision(k, v) else "",
        ),
    ),
    plan=_update_configuration,
    title=lambda v, _: f"Configuration: revision {v['revision'].strip()}",
    now=lambda c: (c.description and c.description.configuration_name) or "",
    words=lambda v: (v["arn"].strip(), v["revision"].strip()),
    rolling=True,
)
DELETE = Form(
    id="delete",
    label="Delete the cluster",
    fields=(),
    plan=_delete,
    title=lambda _, plan: f"Delete {plan.cluster}",
)

CHANGES = (COUNT, TYPE, STORAGE, VERSION, MONITORING, CONFIGURATION)
