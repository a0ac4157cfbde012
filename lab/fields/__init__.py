"""Radiance fields: how they are trained, drawn, kept in files, and turned into meshes and films."""
