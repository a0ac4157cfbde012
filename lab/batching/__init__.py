"""Heterogeneous batching: meshes of different sizes as one batch, and the course's example that fits such a batch."""
