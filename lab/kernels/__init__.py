"""What kernels need: how they are compiled, and the threads that run them."""
