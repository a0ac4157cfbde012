"""Running experiments: the driver, the worker process, and the recorder."""
