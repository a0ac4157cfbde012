"""The body fitted to the outline of a person in a picture."""
