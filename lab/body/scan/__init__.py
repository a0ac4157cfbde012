"""The body fitted to a scan: points or a mesh, in any pose that is near to a standing one."""
