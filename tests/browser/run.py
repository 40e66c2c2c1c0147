"""`make test-browser`: the pages in Debian's Chromium, installed where that can be done."""

import os
import shutil
import subprocess
import sys

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
"""What it is started with: no window, and nothing asked of anybody."""
INSTALL = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-qq", "--no-install-recommends", "chromium"),
)


def chromium() -> str | None:
    """The browser's program; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Install Debian's package, where that is for us to do; what fails is skipped by name."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    for command in INSTALL:
        subprocess.run(command, check=False, capture_output=True)


def main() -> int:
    """Try the pages; give the exit code."""
    if chromium() is None:
        install()
    if chromium() is None:
        sys.stdout.write("test-browser: skipped. There is no Chromium on this machine.\n")
        return 0
    # A file of tests shares a server.
    each = ["--numprocesses", "auto", "--dist", "loadfile"]
    return pytest.main(["-m", "browser", "tests/browser", *each, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
