"""The command line: one file for each command."""

import os

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
"""Threads of NumPy's products sleep at once, before NumPy loads: else a core waits 50 ms in vain after each product."""
