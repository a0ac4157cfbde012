"""Scans: volumes of one number per voxel, seen through transfer functions, surfaces and slices."""
