"""Pages to PDF in a process of its own: untrusted text meets the layout engine there and nowhere
else. `press` is our side of the pipe, `__main__` the other; `frames` is what both speak."""
