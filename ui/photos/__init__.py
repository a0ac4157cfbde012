"""What shows a photo to be worked on: painted, or measured."""
