"""The studies of chapter 3: the shading lab, and the soft rasteriser taken apart."""
