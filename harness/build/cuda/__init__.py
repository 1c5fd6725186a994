"""CUDA C++ for the CPU: headers that kernels are compiled against, and the runtime that executes them."""
