"""The file format of recorded samples, and its writer and reader."""
