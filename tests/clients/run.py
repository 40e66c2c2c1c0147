"""What clients build on Sekisho, tried on its SDL and on a live server of the demo world.

Each step is a claim with a time limit. Where there is no Node it says so and ends well.
"""

import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import orjson

from tests.clients.callers import callers
from tests.clients.programs import (
    HERE,
    ROOT,
    TOOLS,
    Failed,
    Server,
    node,
    require,
    run,
    sekisho,
    serving,
    tool,
    trusting,
)

BUILD = HERE / "build"
LOCK = HERE / "package-lock.json"
SDL = ROOT / "schema" / "schema.graphql"
TYPESCRIPT = ROOT / "examples" / "typescript"
NODE_AT_LEAST = 20

TOLD = """\
card-m1: 見本 花子, 1985-04-12
card-m1: birthDate VISIBLE
card-m1: orders.service ABSENT
card-m1: ekycStatus WITHHELD, NOT_PERMITTED
bank-m1: nobody whom this company may see
見本 花子: latest order from 5000 yen up: 28600
(name withheld): latest order from 5000 yen up: none
on this page: fullName withheld 1×, NOT_OPEN
(name withheld): latest order from 5000 yen up: none
on this page: fullName withheld 1×, NOT_OPEN
refused: PURPOSE_NOT_ALLOWED
"""
"""What each of the examples says of the demo world."""


CONSENTED = """\
Sample text that asks, item by item, for wider use and for provision to the insurance group \
and the group.
[ ] Use for wider purposes
[ ] Provision to the insurance group
[ ] Provision to the rest of the group
[ ] Use of sensitive data for research
without it: Offers and new services that rest on an item you do not agree to may not reach you.
without it: Where information needed for the business is missing, some procedures may take longer.
B.use: GRANTED
B.use: WITHDRAWN
not done: NOTHING_TO_WITHDRAW, There is no consent to take back.
B.use: WITHDRAWN
"""
"""What the example of a member's consents says."""


def the_lock_files_agree_and_name_no_registry(_: Server) -> str:
    ours, shown = _locked(HERE), _locked(TYPESCRIPT)
    named = [name for name, package in (ours | shown).items() if "resolved" in package]
    require(not named, f"`resolved` tells where these were fetched: {named}")
    apart = [name for name, package in shown.items() if ours.get(name) != package]
    require(not apart, f"The example is not tried with what it locks: {apart}")
    return f"{len(ours)} packages, {len(shown)} of them the example's"


def graphql_codegen_takes_the_schema_strictly(_: Server) -> str:
    node("documents.mjs", str(SDL), str(BUILD))
    tool("graphql-codegen", "--config", "codegen.ts")
    return "types for all that can be asked"


def relay_compiler_takes_the_schema(_: Server) -> str:
    (BUILD / "relay" / "__generated__").mkdir(exist_ok=True)
    said = tool("relay-compiler", "relay.config.json")
    require("[WARN]" not in said, said)
    return "queries, refetches, and pages of each list"


def what_they_generate_is_strict_typescript(_: Server) -> str:
    tool("tsc")
    return "no complaint"


def introspection_says_what_the_schema_says(server: Server) -> str:
    return node("introspection.mjs", str(SDL), server.address, server.token)


def graphql_over_http_is_spoken_as_it_is_audited(server: Server) -> str:
    return node("audits.mjs", server.address, server.token)


def relay_keeps_whole_sessions_without_a_warning(server: Server) -> str:
    asked = orjson.dumps({"address": server.address, "callers": list(callers(server))})
    return node(str(BUILD / "js" / "session.js"), given=asked)


def documents_are_built_filed_and_asked_by_their_hash(_: Server) -> str:
    folder = BUILD / "trusted"
    folder.mkdir(exist_ok=True)
    node("trusted.mjs", "build", str(folder))
    tool("generate-persisted-query-manifest", "--config", "apollo.trusted.json")
    tool("relay-compiler", "relay.trusted.json")
    files = [str(folder / f"{client}.json") for client in ("apollo", "relay", "urql")]
    company, purpose = "card", "own:card:service"
    scope = ("--company", company, "--purpose", purpose)
    with TemporaryDirectory() as home, trusting(Path(home), files, *scope) as server:
        return node("trusted.mjs", "ask", str(folder), server.address, server.token, purpose)


def the_typescript_example_runs(server: Server) -> str:
    copy = BUILD / "typescript"
    left_out = shutil.ignore_patterns("node_modules", "dist", "gql")
    shutil.copytree(TYPESCRIPT, copy, ignore=left_out)
    for script in ("codegen", "build"):
        run("npm", "run", "--silent", script, server=server, folder=copy)
    return _told(run("npm", "run", "--silent", "start", server=server, folder=copy))


def the_python_example_runs(server: Server) -> str:
    example = ROOT / "examples" / "python" / "main.py"
    return _told(run(sys.executable, str(example), server=server))


def the_python_example_of_consents_runs(server: Server) -> str:
    example = ROOT / "examples" / "python" / "consent.py"
    token = sekisho(server, "token", "--role", "member", "--member", "m1")
    said = run(sys.executable, str(example), server=server._replace(token=token))
    require(said == CONSENTED, f"It says:\n{said}")
    return "it tells what is asked, what was said, what is not done"


CLAIMS: Sequence[Callable[[Server], str]] = (
    the_lock_files_agree_and_name_no_registry,
    graphql_codegen_takes_the_schema_strictly,
    relay_compiler_takes_the_schema,
    what_they_generate_is_strict_typescript,
    introspection_says_what_the_schema_says,
    graphql_over_http_is_spoken_as_it_is_audited,
    relay_keeps_whole_sessions_without_a_warning,
    documents_are_built_filed_and_asked_by_their_hash,
    the_typescript_example_runs,
    the_python_example_runs,
    the_python_example_of_consents_runs,
)


def main() -> int:
    """Try every claim; give the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if reason := _missing():
        _say(f"test-clients: skipped. {reason}")
        return 0
    try:
        _install()
        shutil.rmtree(BUILD, ignore_errors=True)
        with TemporaryDirectory() as folder, serving(Path(folder)) as server:
            held = [_holds(claim, server) for claim in CLAIMS]
    except Failed as failure:
        sys.exit(str(failure))
    _say(f"{held.count(True)} passed, {held.count(False)} failed")
    return 0 if all(held) else 1


def _missing() -> str:
    """Why the clients cannot be tried here; empty where they can."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "There is no Node on this machine."
    version = run("node", "--version").strip()
    if int(version.lstrip("v").partition(".")[0]) < NODE_AT_LEAST:
        return f"Node here is {version}; the clients take {NODE_AT_LEAST} or newer."
    return ""


def _install() -> None:
    """Fetch what the lock file says, unless it is all there."""
    installed = TOOLS / ".installed.json"
    if not installed.exists() or installed.read_bytes() != LOCK.read_bytes():
        run("npm", "ci")
        shutil.copy(LOCK, installed)


def _holds(claim: Callable[[Server], str], server: Server) -> bool:
    name, began = claim.__name__.replace("_", " "), monotonic()
    try:
        told = claim(server)
    except Failed as failure:
        _say(f"FAILED  {name}\n{failure}")
        return False
    _say(f"ok  {name} ({monotonic() - began:.1f} s): {told.strip()}")
    return True


def _locked(folder: Path) -> dict[str, dict[str, object]]:
    """What a lock file says of each package, but for what only its own kind of use tells."""
    packages = orjson.loads((folder / LOCK.name).read_bytes())["packages"]
    return {
        name: {key: value for key, value in package.items() if key not in {"dev", "peer"}}
        for name, package in packages.items()
        if name
    }


def _told(said: str) -> str:
    require(said == TOLD, f"It says:\n{said}")
    return "it tells values, what is withheld, what is refused"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
