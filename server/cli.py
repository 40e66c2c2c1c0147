"""`sekisho`: the console script, which first makes sure that it runs our own code."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("policy", "models", "migrations", "resolvers", "schema", "server")
CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run the command line; exit 1 with a sentence where a package of others hides a room."""
    hidden = [room for room in ROOMS if not is_ours(room)]
    if hidden:
        names = ", ".join(hidden)
        sys.exit(f"Another package is installed under the name of ours: pip uninstall {names}.")
    import_module("server.commands").commands()


def is_ours(room: str, checkout: Path = CHECKOUT) -> bool:
    """Whether the package of this name that Python would import is the one in this checkout."""
    spec = find_spec(room)
    return spec is not None and spec.origin == str(checkout / room / "__init__.py")
