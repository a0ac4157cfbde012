"""Volumes from posed images: the course's grid with PyTorch3D's classes, and what is seen and said of any volume."""
