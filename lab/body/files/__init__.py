"""Body models as files: the open .npz of the lab, and SMPL, SMPL-H and SMPL-X as .npz and .pkl."""
