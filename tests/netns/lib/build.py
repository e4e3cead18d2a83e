# SPDX-License-Identifier: BSD-2-Clause
"""Where the programs under test are: ADIT_BUILD is a meson build directory, `build` of this tree by default."""
import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("ADIT_BUILD", TOP / "build")).resolve()
_PLACE = {"aditd": "src/daemon/aditd", "adit": "src/cli/adit", "adit-lab": "src/lab/adit-lab"}


def program(name):
    """Path of a program of ours, as built."""
    return str(BUILD / _PLACE[name])
