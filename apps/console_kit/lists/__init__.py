"""Every list of the console: columns, saved views, selecting, acts on many rows, export, empty states.

declaring.py    what a list says of itself
columns.py      cells of our own, and which columns somebody sees
page.py         the list's page
registry.py     all lists by key
choosing.py     from what was ticked, or "all that I filtered", to rows
running.py      acts on many rows: preview, carrying out, taking back
exporting.py    the same rows as a file
"""
