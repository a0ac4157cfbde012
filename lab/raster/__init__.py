"""The rasteriser: triangles and points to pixels and back to gradients, on the processor, without torch in the loops.

Space. Vertices are (V, 3) in PyTorch3D's NDC: x to the left, y up, the short side of the image spans [-1, 1]; z is the
view depth in metres, positive in front of the camera. Distances are squared, in NDC². Images are (H, W), row 0 on top.
"""
