"""What is in a file: its header, its parts, its text with the meaning of each line, and what the lab makes of it."""
