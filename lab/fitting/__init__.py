"""Chapter 4's compute: a mesh is deformed until it fits a scan. The experiment is in ``lab.fitting.experiment``."""
