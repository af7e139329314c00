"""The tests on every installed Python, with the oldest and newest versions of the dependencies.

``nox`` runs those that need no torch, ``nox -s tests`` all of them; ``nox -s light-3.10 --
tests/cli`` some.
"""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["light"]
nox.options.error_on_missing_interpreters = False
PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


@nox.session(python=PYTHONS)
@nox.parametrize("dependencies", ["oldest", "newest"])
def light(session: nox.Session, dependencies: str) -> None:
    """Run the tests that need no torch."""
    if dependencies == "oldest":  # of those with wheels for this Python
        session.install("uv")
        oldest = ("--resolution=lowest-direct", "--only-binary=:all:", "--python", session.bin)
        session.run("uv", "pip", "install", *oldest, "-r", "pyproject.toml")
    session.install(".[test-light]")
    session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests, beside torch."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)
