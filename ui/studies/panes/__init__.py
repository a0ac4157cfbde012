"""The panes of a study's stage, one module for each kind of content."""
