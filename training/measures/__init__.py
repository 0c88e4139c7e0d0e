"""What a model can do, and which of its heads do it: measured with our own engine."""
