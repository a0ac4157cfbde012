"""Photos and their masks: reading, finding the object, painting."""
