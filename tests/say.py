"""What a test found out, told at the end of the run, from whatever process ran it."""

from collections.abc import Callable

Say = Callable[[str], None]
"""Takes one line."""
