"""Every threshold, with where it comes from."""

from __future__ import annotations

HUNG_AFTER_S = 2.0
"""Silence that is an incident. Harmless pauses seen on a busy two-core host stayed below."""

FRESH_S = 1.0
"""A good answer younger than this outweighs a new connection that cannot be made (listen queue)."""

STARVED_MS = 100.0
"""A probe that was read later than this by our own loop says nothing about Kafka."""

UNDER_REPLICATED_AFTER_S = 5.0
"""Under-replication without a broker failure to explain it; shorter is a follower catching its breath."""

OFFLINE_AFTER_S = 1.0
"""Partitions without a leader. In ZooKeeper mode an election shows leader -1 for 0.1 to 0.2 s."""

SOURCE_STALE_AFTER_S = 15.0
"""A source that has failed for longer is an incident of its own."""

PAGE_STALE_AFTER_S = 60.0
"""An exporter that used to answer and has not for longer is an incident, unless its broker is down."""

VOTER_LOST_AFTER_S = 5.0
"""A metadata voter that has not fetched for longer. Kafka's controller.quorum.fetch.timeout.ms is 2 s."""

QUORUM_LOST_AFTER_S = 5.0
"""Nobody leads the metadata for longer. An election takes one to two fetch time-outs of 2 s."""

CONTROLLED_WITHIN_S = 30.0
"""Leaders handed over while the broker still answered make a stop within this time a controlled shutdown."""

STARVED_MERGE_S = 10.0
"""Stalls of this machine closer together than this are one."""

PAGE_FRESH_S = 90.0
"""A figure of an exporter page older than this is shown as stale and counts in no total."""

STALL_MS = 1000.0
"""A stall of this machine worth an event; shorter ones only label the samples."""

FENCED_AFTER_S = 3.0
"""Out of Metadata while it answers us; a broker that starts is in between for a second or two."""

CONTROLLED_MOVE_S = 1.5
"""Leaders that left within this time of the first sign were handed over: no session time-out is so short."""

LEADERS_BACK_WITHIN_S = 900.0
"""How long to wait for preferred leaders; Kafka's leader.imbalance.check.interval.seconds is 300."""

SESSION_S = {"kraft": 9.0, "zookeeper": 18.0}
"""How long a silent broker stays in Metadata: Kafka's defaults of broker.session.timeout.ms and
zookeeper.session.timeout.ms. A broker's own setting, where it is known, is used instead."""

PEERS_GRACE_S = 6.0
"""Beyond its session, before its peers' word that a broker lives counts. With a session of 9 s fencing was
seen 7.7 to 9.5 s after the last sign of life; Metadata comes every 2 to 5 s where all is calm."""

SERVES_PER_S = 0.5
"""A broker that counts more requests than this serves somebody; its peers' fetches alone are two a second."""

FLAP_WITHIN_S = 60.0
"""Down again this soon after it had recovered is the same incident, which counts on."""

FLAP_UNSETTLED_S = 300.0
"""The same for one that answered and had not recovered yet: its leaders come back with Kafka's balancing
every leader.imbalance.check.interval.seconds, 300."""

RESTART_WITHIN_S = 300.0
"""Signs of a new process that come this long after a failure still belong to it: pages come each minute."""

OPERATION_SLACK_S = 2.0
"""A cluster operation's times come from AWS's clock; what falls this closely outside of them is inside."""
