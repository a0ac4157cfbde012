"""The study "Shape and pose"."""
