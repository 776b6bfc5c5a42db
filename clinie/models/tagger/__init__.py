"""The shipped trained model: NumPy and safetensors at run time, no torch."""
