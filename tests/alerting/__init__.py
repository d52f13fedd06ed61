"""Alerting around the fold."""
