"""How the lab looks: themes, icons, units."""
