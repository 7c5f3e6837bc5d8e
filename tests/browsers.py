"""The browsers of this machine: Debian's Chromium, and its shell without windows, which needs half the time."""

import shutil


def find_browser() -> str | None:
    """One with everything a person has: a window, a camera."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def find_shell() -> str | None:
    """One to show pages in; the whole browser where there is no shell."""
    return shutil.which("chromium-headless-shell") or find_browser()
