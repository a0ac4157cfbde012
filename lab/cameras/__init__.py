"""Cameras: conventions and conversions, projection step by step, ray-cast pictures, and what a matrix may mean."""
