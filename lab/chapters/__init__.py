"""One module a chapter, each with a CHAPTER. They import in milliseconds: no torch, no open3d, no Qt."""
