"""Line-rendered widgets that redraw only what changed."""
