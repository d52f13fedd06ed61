"""msktop: a live terminal monitor for Amazon MSK and any Apache Kafka cluster."""

__version__ = "0.1.0"
