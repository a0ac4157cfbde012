"""What a study shows in the window: its stage with panes, and its panel."""
