"""The compute of chapter 1: samples, voxels, distance fields, depth images, and what is lost between them."""
