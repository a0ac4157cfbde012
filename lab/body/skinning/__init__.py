"""Linear blend skinning from the ground: weights, painting, and what goes wrong."""
