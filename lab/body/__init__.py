"""The human body: linear blend skinning, SMPL and what it is fitted to."""
