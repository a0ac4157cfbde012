"""Rays, samples and weights: how a volume becomes a picture."""
