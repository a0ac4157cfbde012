"""The 3D view: the widget, its mouse, what is painted over the picture."""
