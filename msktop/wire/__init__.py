"""Leaf: Kafka framing, TLS and SASL by stages, and the exposition parser; shared by sources and local."""
