"""What changes a cluster: planned and checked, shown, written down, and only then sent."""
