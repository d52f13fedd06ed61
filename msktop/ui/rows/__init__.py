"""What the drill-down screens list, derived from the cluster's state: plain data, no drawing."""
