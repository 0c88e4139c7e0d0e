"""Builds the user manual: what of it is made from the code, and how its pages are put together.

python -m mkdocs build --strict     the manual, in build/manual (`make docs`)
python -m manual.pictures           the pictures of it, anew (`make pictures`)
"""
