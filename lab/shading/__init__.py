"""How surfaces look: lights, materials, textures, and the lab's own render of a mesh; each term can be probed."""
