"""Kafka's error codes that an answer about topics, records or groups can have, in words for a person."""

from __future__ import annotations

_WORDS = {
    1: "OFFSET_OUT_OF_RANGE: the log does not hold that offset",
    2: "CORRUPT_MESSAGE: the record did not arrive as it was sent",
    3: "UNKNOWN_TOPIC_OR_PARTITION: there is no such topic, or it may not be seen",
    5: "LEADER_NOT_AVAILABLE: the partition has no leader now",
    6: "NOT_LEADER_OR_FOLLOWER: another broker leads the partition now",
    7: "REQUEST_TIMED_OUT: the cluster was not done in time",
    10: "MESSAGE_TOO_LARGE: the record is larger than the topic takes",
    14: "COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its groups",
    15: "COORDINATOR_NOT_AVAILABLE: no broker coordinates the group now",
    16: "NOT_COORDINATOR: another broker coordinates the group now",
    17: "INVALID_TOPIC_EXCEPTION: the topic's name or kind does not allow it",
    19: "NOT_ENOUGH_REPLICAS: fewer replicas are in sync than min.insync.replicas",
    20: "NOT_ENOUGH_REPLICAS_AFTER_APPEND: written, but by fewer replicas than min.insync.replicas",
    29: "TOPIC_AUTHORIZATION_FAILED: the topic's rights do not allow it",
    30: "GROUP_AUTHORIZATION_FAILED: the group's rights do not allow it",
    31: "CLUSTER_AUTHORIZATION_FAILED: the cluster's rights do not allow it",
    35: "UNSUPPORTED_VERSION: this Kafka does not know the request",
    36: "TOPIC_ALREADY_EXISTS: there is one of this name",
    37: "INVALID_PARTITIONS: not with this number of partitions",
    38: "INVALID_REPLICATION_FACTOR: not with so many replicas",
    39: "INVALID_REPLICA_ASSIGNMENT: the replicas cannot be placed so",
    40: "INVALID_CONFIG: a setting is not valid",
    41: "NOT_CONTROLLER: another broker is the controller now",
    42: "INVALID_REQUEST: the request makes no sense to the broker",
    44: "POLICY_VIOLATION: the cluster's own policy forbids it",
    53: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED: the transaction's rights do not allow it",
    60: "REASSIGNMENT_IN_PROGRESS: its partitions are being moved",
    68: "NON_EMPTY_GROUP: the group has members",
    69: "GROUP_ID_NOT_FOUND: there is no such group",
    73: "TOPIC_DELETION_DISABLED: delete.topic.enable is false",
    80: "PREFERRED_LEADER_NOT_AVAILABLE: the preferred replica is not in sync",
    83: "ELIGIBLE_LEADERS_NOT_AVAILABLE: no replica may lead",
    84: "ELECTION_NOT_NEEDED: it leads already",
    87: "INVALID_RECORD: the topic does not take such a record",
    89: "THROTTLING_QUOTA_EXCEEDED: too many topics and partitions changed in a short time",
    100: "UNKNOWN_TOPIC_ID: the topic was deleted meanwhile",
    105: "TRANSACTIONAL_ID_NOT_FOUND: there is no such transactional id",
}


def code_words(code: int) -> str:
    """What a code says.

    >>> code_words(36), code_words(999)
    ('TOPIC_ALREADY_EXISTS: there is one of this name', "Kafka's error 999")
    """
    return _WORDS.get(code, f"Kafka's error {code}")
