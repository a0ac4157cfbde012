"""Rotations and rigid motions: SO(3) and SE(3), paths between poses, and averages of rotations."""
