"""Requests as scripts of plain TransformerLens, as a researcher would write them by hand.

`Analysis.code` puts a script together from these parts; nothing here imports torch.
"""
