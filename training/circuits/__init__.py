"""The circuits of the bundled model, found with our own tools and written down."""
