"""Alerting around the fold: rules and notifiers of a file, what was acknowledged or silenced, who is told."""
