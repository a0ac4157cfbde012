"""A radiance field of a multiresolution hash encoding and two small networks, trained by kernels on the CPU."""
