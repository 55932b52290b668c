"""The measurements behind every claim of speed: `python -m bench` (or `make bench`) prints them, beside the figures.

What depends on the machine is measured against something plain in the same run, on the same server and the same
disk: a bare page, a bare Flask answer, raw commits. Pictures need Chromium; nothing leaves this machine.
"""
