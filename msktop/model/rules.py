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

HOST_HOLD_S = 2.0
"""Brokers that fell silent together wait this long for anybody to be heard, before it is our own network. New
connections are tried after 1.5 s of silence, with 0.5 s to answer: by then each has been tried."""

HOST_BACK_S = 5.0
"""After our network is back each broker has this long to be reached anew, at one attempt a second."""

HEARD_SLACK_S = 0.3
"""An answer this soon after the fall was on its way before: brokers are asked every 0.25 s."""

SUSPECT_BY_S = 0.75
"""A broker that fell silent at the same time is a suspect by now: asked each 0.25 s, overdue 0.5 s later."""

SOURCE_SLACK_S = 1.5
"""The same for sources, whose last success is known to the second."""

TOGETHER_S = 3.0
"""Failures that begin within this time of each other began together."""

OPERATION_SLACK_S = 2.0
"""A cluster operation's times come from AWS's clock; what falls this closely outside of them is inside."""

BASELINE_SPAN_S = 300.0
"""A broker's usual latency is that of so long; all its pings that are kept."""

BASELINE_LEAST = 120
"""Pings without which there is no baseline: half a minute."""

BASELINE_EVERY_S = 10.0
"""How often the baseline is renewed."""

BASELINE_ADOPT_S = 1800.0
"""Latency that stays high for so long is the new baseline."""

RECENT_SPAN_S = 10.0
"""What is held against the baseline: the median of so long."""

RECENT_LEAST = 12
"""Pings without which there is no recent latency: three seconds."""

SLOW_DEVIATIONS = 6.0
"""Scaled deviations above the median that are slow. Three is common for single values; this is for machines
where one ping in ten takes five times as long as usual."""

SLOW_FLOOR_MS = 10.0
"""And at least so much above the median: a prober's p90 beside a busy interpreter was seen at 4 to 7 ms."""

SLOW_TIMES = 2.0
"""And at least this many times the median."""

SLOW_AFTER_S = 5.0
"""One broker slow for longer, by its median of ten seconds, is an incident."""

SLOW_TOGETHER_AFTER_S = 20.0
"""The same for half of the brokers or more together, which may be this machine's load, or the way to them."""

LATENCY_BACK_WITHIN_S = 300.0
"""How long after it is in sync to wait for a broker's latency to be at its baseline."""

CALM_SPAN_S = 5.0
"""Latency is at its baseline again once its median of so long is."""

LOGIN_REFUSED_AFTER_S = 2.0
"""Every broker turns our login away, which worked before."""

CLOUDWATCH_STALE_AFTER_S = 900.0
"""CloudWatch's points of MSK come one to three minutes late and settle within about ten."""

CALM_DEVIATIONS = 3.0
"""Scaled deviations within which a median is at the baseline."""

CALM_FLOOR_MS = 2.0
"""And at least this near to it, or 1.5 times the usual."""

CALM_TIMES = 1.5
"""The same as a factor."""

CONTROLLED_SHARE = 0.6
"""Leaders that left within this part of a broker's session, where that is known, were handed over: of
a session of 9 s the earliest that a killed broker lost its leaders was 7.7 s."""

# ------------------------------------------------------------------ consumer groups

GROUP_STANDS_S = 60.0
"""Something to read and nothing committed for so long. Burrow's window of ten commits at the client's default
auto.commit.interval.ms of 5 s is 50 s; a group that commits seldomer gets three times its own longest gap
with something to read."""

GROUP_STANDS_MOST_S = 900.0
"""However seldom a group commits."""

GROUP_REWIND_SHOWN_S = 120.0
"""An offset that went back is told for so long, unless it is regained sooner."""

GROUP_WARN_COMMITS, GROUP_WARN_SPAN_S = 4, 15.0
"""Lag that has only grown over so many commits, over so long."""

GROUP_GONE_AFTER_S = 10.0
"""Listed by no coordinator for so long: coordinators hand groups over within seconds."""

GROUP_REBALANCES_MERGE_S = 60.0
"""Rebalances of one group closer together than this are one event that counts."""

GROUPS_TOLD_APART = 5
"""More groups than this to which the same happens are told in one incident."""

GROUP_RATE_SPAN_S = 30.0
"""Arrival and consume rates are over so long: commits come in lumps of seconds."""
