"""What is known and how it follows from samples; standard library only, no clock, no I/O, no threads."""
