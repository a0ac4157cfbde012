"""People in pictures: their joints in pixels, from networks, from files or by hand."""
