"""The window. Imports Qt and numpy; never torch, pytorch3d or open3d, which live in processes of their own."""
