"""The instant field: voxels with spherical harmonics, trained by one fused kernel, forward and backward."""
