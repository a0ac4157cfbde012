"""What stands in the scene: model, tree, details, and the history that can be undone."""
