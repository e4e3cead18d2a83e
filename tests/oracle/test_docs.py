# SPDX-License-Identifier: BSD-2-Clause
"""docs/security-tests.md names tests: each of them exists."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]


def test_every_named_test_exists():
    text = (TOP / "docs/security-tests.md").read_text()
    named = re.findall(r"`(tests/[\w/.-]+)(?:::(\w+))?`", text)
    assert len(named) > 60
    for path, name in named:
        file = TOP / path
        assert file.is_file(), path
        if name:
            form = rf"^ *def {name}\(" if path.endswith(".py") else rf"^static void {name}\("
            assert re.search(form, file.read_text(), re.M), f"{path} has no {name}"
