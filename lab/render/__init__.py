"""Drawing a scene with Open3D in a process of its own."""
