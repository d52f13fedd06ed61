"""What watches a cluster; may block, never draws."""
