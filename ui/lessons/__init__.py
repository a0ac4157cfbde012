"""Lessons: text, equations, and what they are linked to."""
