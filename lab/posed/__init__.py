"""Pictures whose cameras are known: read from files of every habit, made from meshes, checked, and split."""
