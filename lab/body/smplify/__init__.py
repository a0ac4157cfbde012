"""SMPLify: the shape and pose of a body from the places of its joints in one picture (REFERENCE IV.2).

Frame: the camera stands at the origin and looks along -Z, Y is up, metres. So a body that is not turned faces it.
Pixels: x to the right, y down, (0, 0) is the top left corner of the picture.
"""
