"""Whoever asks something small is answered quickly, whatever somebody else does at that time."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import anyio
import pytest

from models.ledger import ledger_url
from server.allowance import Allowance
from tests.attacks import ATTACKS
from tests.bystander import Asked, Seen
from tests.door import ANY_NUMBER
from tests.load import ASKED, COMPANY, PURPOSE
from tests.say import Say
from tests.typed import run
from tests.workers import Host, hosting, system

# Beside other tests nobody would be answered quickly: it is run by itself.
pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive, pytest.mark.long]

MEMBERS = 100_000
SECONDS = 6.0
"""Of asking, beside each attack."""
FIRST = 1.5
"""Seconds that an attack has before."""
P99 = 200
"""Milliseconds."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One worker, as it is served where nothing is set, over very many members."""
    folder = tmp_path_factory.mktemp("bystander")
    url = f"sqlite+aiosqlite:///{folder / 'world.db'}"
    usual = {name: str(Allowance.model_fields[name].default) for name in ANY_NUMBER}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEKISHO_MODE", "development")
        patch.setenv("SEKISHO_DATABASE_URL", url)
        patch.setenv("SEKISHO_LEDGER_URL", ledger_url(url))
        assert run("seed", "--members", str(MEMBERS)).exit_code == 0
    with hosting(url, folder, workers=1, ledger_url=ledger_url(url), **usual) as served:
        anyio.run(beside, served)  # the first question is compiled
        yield served


@pytest.mark.parametrize("name", ["nothing", *ATTACKS])
async def test_a_bystander_is_answered_quickly(host: Host, say: Say, name: str) -> None:
    attack: asyncio.Task[None] | None = None
    if name in ATTACKS:
        attack = asyncio.create_task(ATTACKS[name](host))
    await asyncio.sleep(FIRST)
    seen = await beside(host)
    if attack is not None:
        assert not attack.done()
        attack.cancel()
        await asyncio.wait({attack})
    say(f"beside {name}: {seen}")
    assert seen.statuses.keys() == {"200"}
    assert seen.p99 < P99


async def beside(host: Host) -> Seen:
    """What a bystander sees, in a process of its own."""
    port = int(host.address.rpartition(":")[2])
    token = host.token(system(COMPANY), PURPOSE)
    headers = {"authorization": f"Bearer {token}", "sekisho-purpose": PURPOSE}
    asked = Asked(port, headers, ASKED, SECONDS)
    command = (sys.executable, "-m", "tests.bystander")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[2], stdin=-1, stdout=-1
    )
    said, _ = await process.communicate(json.dumps(asdict(asked)).encode())
    return Seen(**json.loads(said))
