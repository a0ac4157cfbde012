"""What leaves a radiance field: meshes, point clouds, films and depth maps."""
