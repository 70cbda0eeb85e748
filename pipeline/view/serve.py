"""Runs the server: a free port of this machine, a token, a browser."""

from __future__ import annotations

import errno
import secrets
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from pipeline.publish.scan import Needles
from pipeline.view.reading.site import Site
from pipeline.view.server import Server
from schemas.errors import UsageError

HOST = "127.0.0.1"
FIRST_PORT = 8765
_TRIED = 50


def serve(
    site: Site, needles: Needles, port: int | None, browse: bool, say: Callable[[str], None]
) -> None:
    """Serves the pages until it is interrupted; ``say`` is told the address."""
    token = secrets.token_urlsafe(24)
    listening = listen(port)
    with listening:
        number = listening.getsockname()[1]
        address = f"http://{HOST}:{number}/?token={token}"
        application = Server(site, needles).application(token, number)
        settings = uvicorn.Config(
            application, log_level="error", access_log=False, server_header=False, lifespan="off"
        )
        say(address)
        if browse:
            _browse(address)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
            uvicorn.Server(settings).run([listening])


def listen(port: int | None) -> socket.socket:
    """A socket at a port, or at the first free one; UsageError where the port is taken."""
    wanted = [port] if port is not None else [*range(FIRST_PORT, FIRST_PORT + _TRIED), 0]
    for number in wanted:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
        except OSError as error:
            listening.close()
            if port is not None:
                taken = error.errno == errno.EADDRINUSE
                why = "another program has it" if taken else error.strerror
                raise UsageError(
                    f"port {port}: {why}; give another --port, or none for a free one"
                ) from error
        else:
            listening.listen()
            return listening
    raise UsageError("no port of this machine is free")


def _browse(address: str) -> None:
    """Opens a browser where there is one."""
    try:
        webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return
