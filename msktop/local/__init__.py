"""The local MSK: real Kafka in zone-like loopback subnets, with failure detection and recovery."""
