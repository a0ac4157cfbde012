"""Motion: clips of a moving body, their files, and how they are laid onto any of its shapes."""
