"""Painting the mask of a photo."""
