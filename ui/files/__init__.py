"""Files: importing, saving and exporting, in tasks beside the window."""
