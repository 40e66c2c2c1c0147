"""An application of the benchmarks, served as `sekisho serve` serves the product."""

import uvicorn

from server.serving import config_of


def listen(factory: str) -> None:
    """Serve it on a free port, which is told first."""
    config = config_of(factory, "127.0.0.1", 0)
    listening = config.bind_socket()
    listening.listen(config.backlog)
    print(f"It listens on http://127.0.0.1:{listening.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[listening])
