"""The classic radiance field: a network of points and directions, trained with torch as it was published."""
