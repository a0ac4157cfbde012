"""Runs in the window: their control, their recordings, curves, timeline and results."""
