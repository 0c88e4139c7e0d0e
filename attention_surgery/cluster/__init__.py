"""Runs on a Ray cluster: the same items, measured by workers on many machines.

Importing this package does not import Ray, which is the extra `attention-surgery[cluster]`.
"""
