"""The model: what follows from samples."""
