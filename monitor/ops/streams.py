"""The standard streams, also of a process that was started without some of them."""

from __future__ import annotations

import os
import sys


def open_missing_streams() -> None:
    """Fill the closed ones of descriptors 0 to 2, which the next file or socket would get otherwise.

    What is written to a closed standard output goes on failing, so that no alert counts as shown;
    what is written to a closed standard error vanishes.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # for as long as the process lives
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  # for as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  # for as long as the process lives
