"""The rules that hold without a file: AWS's own thresholds for MSK, and warnings before a limit is reached.

Best practices and quotas are those of Amazon MSK's developer guide; where AWS names no figure, the source
says whose it is.
"""

from __future__ import annotations

from msktop.model.alert_rule import Rule
from msktop.model.incidents import Kind

_AWS = "AWS, MSK best practices"
_QUOTA = "AWS, MSK quotas"
_OWN = "msktop's own: AWS names no figure"
_M, _H = 60.0, 3600.0

_DISK = "Enlarge the volumes (msktop cluster update-storage), shorten retention, or use tiered storage."
_CPU = (
    "Above 60 % a broker's failure overloads the others. Add brokers and move partitions, or take a larger"
    " type; above 70 % move no partitions."
)
_PARTITIONS = (
    "Take a larger instance type, add brokers and move partitions, or delete topics that nobody uses."
)
_CONNECTIONS = "Look for clients that connect anew for each message; raise the limit, or add brokers."
_NETWORK = "Spread leaders over more brokers, or take a larger instance type."

DEFAULTS: tuple[Rule, ...] = (
    # ------------------------------------------------------------------ partitions
    Rule(
        name="offline_partitions", kind=Kind.OFFLINE_PARTITIONS, figure="offline_partitions", compare=">",
        threshold=0, severity="crit", source=_AWS, advice="Look for brokers that are down.",
    ),
    Rule(
        name="under_min_isr", kind=Kind.UNDER_MIN_ISR, figure="under_min_isr_partitions", compare=">=",
        threshold=1, for_s=_M, severity="crit", source=_AWS,
        advice="Producers with acks=all are refused there: look for brokers that are down or slow.",
    ),
    Rule(
        name="under_replicated_long", kind=Kind.UNDER_REPLICATED_LONG,
        figure="under_replicated_partitions", compare=">", threshold=0, for_s=15 * _M, severity="warn",
        source=_AWS,
        advice="All brokers answer, yet followers do not catch up: look at their volumes, CPU and network.",
    ),
    Rule(
        name="no_active_controller", kind=Kind.CONTROLLER_COUNT, figure="active_controllers", compare="<",
        threshold=1, for_s=5 * _M, severity="crit", source=_AWS, advice="Open a case with AWS Support.",
    ),
    Rule(
        name="partitions_above_advised", kind=Kind.PARTITION_COUNT, figure="partitions", compare=">",
        threshold=100, limit="partitions.advised", severity="warn", source=_QUOTA, advice=_PARTITIONS,
    ),
    Rule(
        name="partitions_above_most", kind=Kind.PARTITION_COUNT, figure="partitions", compare=">",
        threshold=100, limit="partitions.most", severity="crit", source=_QUOTA,
        advice="A new configuration, a smaller type and SCRAM secrets are now refused. " + _PARTITIONS,
    ),
    Rule(
        name="partitions_most_soon", kind=Kind.PARTITION_COUNT, figure="partitions", compare=">",
        threshold=100, limit="partitions.most", ahead_s=24 * _H, for_s=10 * _M, severity="warn",
        source=_OWN, advice=_PARTITIONS,
    ),
    # ------------------------------------------------------------------ broker
    Rule(
        name="disk_80", kind=Kind.DISK, figure="disk_used_percent", compare=">=", threshold=80, clear=78,
        severity="warn", source="AWS: MSK itself alerts at 60 and 80 %", advice=_DISK,
    ),
    Rule(
        name="disk_85", kind=Kind.DISK, figure="disk_used_percent", compare=">=", threshold=85, clear=83,
        severity="crit", source=_AWS, advice=_DISK,
    ),
    Rule(
        name="disk_full_within_day", kind=Kind.DISK, figure="disk_used_percent", compare=">=",
        threshold=100, ahead_s=24 * _H, for_s=15 * _M, clear_for_s=15 * _M, severity="warn", source=_OWN,
        advice=_DISK,
    ),
    Rule(
        name="disk_full_within_4h", kind=Kind.DISK, figure="disk_used_percent", compare=">=",
        threshold=100, ahead_s=4 * _H, for_s=5 * _M, clear_for_s=15 * _M, severity="crit", source=_OWN,
        advice=_DISK,
    ),
    Rule(
        name="cpu_60", kind=Kind.CPU, figure="cpu_percent", compare=">", threshold=60, clear=55,
        for_s=5 * _M, clear_for_s=2 * _M, severity="warn", source=_AWS, advice=_CPU,
    ),
    Rule(
        name="heap_60", kind=Kind.HEAP, figure="heap_after_gc_percent", compare=">", threshold=60,
        clear=55, for_s=5 * _M, clear_for_s=5 * _M, severity="warn", source=_AWS,
        advice="Lower transactional.id.expiration.ms where many transactions begin; have fewer partitions.",
    ),
    Rule(
        name="cpu_credits_low", kind=Kind.CPU_CREDITS, figure="cpu_credit_balance", compare="<=",
        threshold=100, clear=120, severity="warn", source=_AWS,
        advice="A t3 without credits runs at 20 % of its CPU: take an m7g.",
    ),
    Rule(
        name="request_handlers_busy", kind=Kind.REQUEST_HANDLERS_BUSY,
        figure="request_handler_idle_percent", compare="<", threshold=30, clear=35, for_s=5 * _M,
        severity="warn", source=_AWS,
        advice="See under Requests what takes the time; take a larger type, or raise num.io.threads.",
    ),
    Rule(
        name="network_processors_busy", kind=Kind.NETWORK_PROCESSORS_BUSY,
        figure="network_processor_idle_percent", compare="<", threshold=30, clear=35, for_s=5 * _M,
        severity="warn", source=_AWS,
        advice="See under Requests who connects and asks most; raise num.network.threads, or add brokers.",
    ),
    Rule(
        name="small_messages", kind=Kind.SMALL_MESSAGES, figure="cpu_percent_on_small_messages",
        compare=">", threshold=60, clear=50, for_s=5 * _M, severity="info", source=_AWS,
        advice="Let producers batch: larger linger.ms and batch.size, and compression.",
    ),
    Rule(
        name="zookeeper_session", kind=Kind.ZOOKEEPER_SESSION, figure="zookeeper_session_state",
        compare="!=", threshold=1, for_s=_M, severity="crit", source="AWS, CloudWatch metrics (inferred)",
        advice="The broker is not connected to ZooKeeper: look at the metadata nodes.",
    ),
    # ------------------------------------------------------------------ connections
    Rule(
        name="iam_connections_80", kind=Kind.CONNECTIONS, figure="iam_connections", compare=">=",
        threshold=80, clear=75, limit="iam_connections", severity="warn", source=_QUOTA,
        advice=_CONNECTIONS,
    ),
    Rule(
        name="iam_connections_soon", kind=Kind.CONNECTIONS, figure="iam_connections", compare=">=",
        threshold=100, limit="iam_connections", ahead_s=_H, for_s=5 * _M, severity="warn", source=_OWN,
        advice=_CONNECTIONS,
    ),
    Rule(
        name="iam_connections_refused", kind=Kind.CONNECTIONS, figure="iam_too_many_connections",
        compare=">", threshold=0, clear_for_s=5 * _M, severity="crit", source=_AWS, advice=_CONNECTIONS,
    ),
    Rule(
        name="iam_connection_rate", kind=Kind.CONNECTION_RATE, figure="iam_connections_per_s",
        compare=">=", threshold=80, limit="iam_connections_per_s", for_s=_M, clear_for_s=2 * _M,
        severity="warn", source=_QUOTA,
        advice="Clients connect anew too often: set reconnect.backoff.ms and keep connections open.",
    ),
    # ------------------------------------------------------------------ network, volume, throughput
    Rule(
        name="network_allowance", kind=Kind.NETWORK_ALLOWANCE, figure="network_allowance_exceeded",
        compare=">", threshold=0, clear_for_s=5 * _M, severity="warn", source=_AWS, advice=_NETWORK,
    ),
    Rule(
        name="volume_throughput_80", kind=Kind.VOLUME_THROUGHPUT, figure="volume_bytes_per_s",
        compare=">=", threshold=80, clear=70, limit="volume_throughput", for_s=5 * _M, clear_for_s=5 * _M,
        severity="warn", source=_AWS,
        advice="Provision volume throughput (m5.4xlarge, m7g.2xlarge and larger), or add brokers.",
    ),
    Rule(
        name="burst_balance_50", kind=Kind.VOLUME_BURST, figure="burst_balance_percent", compare="<",
        threshold=50, clear=60, severity="warn", source=_OWN,
        advice="Without burst credits the volume falls to its base rate: enlarge it, or write less.",
    ),
    Rule(
        name="express_in_80", kind=Kind.THROUGHPUT, figure="bytes_in_per_s", compare=">", threshold=80,
        clear=70, limit="express_in.sustained", for_s=5 * _M, clear_for_s=5 * _M, severity="warn",
        source=_AWS, advice=_NETWORK,
    ),
    Rule(
        name="express_out_80", kind=Kind.THROUGHPUT, figure="bytes_out_per_s", compare=">", threshold=80,
        clear=70, limit="express_out.sustained", for_s=5 * _M, clear_for_s=5 * _M, severity="warn",
        source=_AWS, advice=_NETWORK,
    ),
    Rule(
        name="produce_throttled", kind=Kind.THROTTLING, figure="produce_throttle_ms", compare=">",
        threshold=0, for_s=5 * _M, clear_for_s=5 * _M, severity="warn", source=_AWS,
        advice="Producers are slowed down: look for quotas, or at what the instance type takes.",
    ),
    Rule(
        name="fetch_throttled", kind=Kind.THROTTLING, figure="fetch_throttle_ms", compare=">", threshold=0,
        for_s=5 * _M, clear_for_s=5 * _M, severity="warn", source=_AWS,
        advice="Consumers are slowed down: look for quotas, or at what the instance type gives.",
    ),
    # ------------------------------------------------------------------ groups
    Rule(
        name="group_lag_300", kind=Kind.GROUP_LAG, figure="group_time_lag_s", compare=">", threshold=300,
        clear=240, for_s=15 * _M, clear_for_s=5 * _M, severity="warn",
        source="AWS: an application's own; 300 s as an example",
        advice="Look whether the group's members run, and whether one partition holds it up.",
    ),
)  # fmt: skip
