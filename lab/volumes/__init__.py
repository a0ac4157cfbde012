"""Volumes: rays that march through them, and scans that one looks into."""
