"""What watches a cluster."""
