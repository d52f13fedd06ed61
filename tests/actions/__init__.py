"""What changes clusters: plans, leave, the audit log, sending."""
