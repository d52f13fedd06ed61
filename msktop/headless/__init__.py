"""Without a screen: the state as a document or as text, and incidents as lines. docs/headless.md."""
