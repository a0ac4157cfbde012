"""Registration: the rigid motion that lays one scan on another, by several methods on one timeline."""
