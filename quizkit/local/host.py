"""The handler host: all functions of the local platform in one process.

Run as `python -m quizkit.local.host --port P --gateway URL --logs DIRECTORY`.

MiniStack forwards each invocation here (`differences.host_functions`), because its own runner
has one worker a function for WebSocket messages. On the first use of a function its handler
string and environment are read from MiniStack, the handler's module is imported, and
`module.build(environ)` gives the callable that is kept. The code is that of this installation,
not of the deployed bundle: tests of the bundle use MiniStack's own runner (`start(native=True)`).

What that costs: an invocation that overruns its time is given up by its caller but runs on here,
and functions share one interpreter. Beside invocations (POST with X-Amzn-Lambda-Function-Name):

    GET  /health     this process and the functions that are built
    POST /refresh    forget settings and code of all functions, then build them again
    POST /flush      send logs and metrics that wait, now
    GET  /cdn/…      media, from a distribution of MiniStack's (`hosting.distribution`)
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from quizkit.local.hosting import distribution
from quizkit.local.hosting.capture import InvocationOutput, lines_of
from quizkit.local.hosting.functions import Call, Functions, Handler, Reply, Settings, invoke
from quizkit.local.hosting.ministack import MiniStack
from quizkit.local.hosting.server import Server
from quizkit.local.hosting.shipping import FunctionLog, Shipper
from quizkit.local.service import get_json
from quizkit.local.status import HOST

_RECHECK_S: Final = 5.0
#: Code that a refresh imports anew, beside the handlers' own modules.
_OURS: Final = ("quizkit.lambdas", "quizkit.core")

_log = logging.getLogger("quizkit.local.host")


class Loader:
    """Imports handlers and builds them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._modules: set[str] = set()

    def load(self, settings: Settings, environ: Mapping[str, str]) -> Handler:
        """Import the handler's module and build its callable.

        Raises:
            ImportError, AttributeError: there is no such module, or it has no `build`.
            Exception: whatever building raises.
        """
        with self._lock:
            module = importlib.import_module(settings.module)
            self._modules.add(settings.module)
        handler: Handler = module.build(environ)
        return handler

    def forget(self) -> None:
        """Import everything anew at the next load. Handlers in use keep their modules."""
        with self._lock:
            importlib.invalidate_caches()
            for name in list(sys.modules):
                if name in self._modules or name.startswith(_OURS):
                    del sys.modules[name]


class Host:
    """The process: functions, their output and the server, joined.

    Args:
        port: where to listen on the loopback interface.
        gateway_url: MiniStack's endpoint.
        logs: directory for the functions' log file.
    """

    def __init__(self, *, port: int, gateway_url: str, logs: Path) -> None:
        self._port = port
        self._url = f"http://{HOST}:{port}"
        health = get_json(int(gateway_url.rpartition(":")[2]), "/_ministack/health") or {}
        self._ministack = MiniStack(gateway_url, iam=health.get("auth") == "enabled")
        self._ministack.stream = f"{time.strftime('%Y/%m/%d')}/[$LATEST]host-{os.getpid()}"
        self._loader = Loader()
        self._functions = Functions(self._ministack, self._loader.load)
        self._output = InvocationOutput()
        self._shipper = Shipper(self._ministack, FunctionLog(logs / "functions.log"))
        self._server = Server(
            self.run,
            {
                ("GET", "/health"): self.health,
                ("POST", "/refresh"): self.refresh,
                ("POST", "/flush"): self.flush,
            },
            partial(distribution.fetch, gateway_url),
        )

    def run(self, call: Call) -> Reply:
        """Run one invocation; what it prints goes to logs and metrics."""
        with self._output.collect() as pieces:
            reply = invoke(self._functions, call, stream=self._ministack.stream)
        self._shipper.put(call.function, call.request_id, lines_of(pieces))
        return reply

    def health(self) -> dict[str, Any]:
        """This process, and the functions that are built."""
        return {"status": "ok", "pid": os.getpid(), "functions": self._functions.names()}

    def refresh(self) -> dict[str, Any]:
        """Forget settings and code, and build the functions again."""
        self._loader.forget()
        self._functions.forget()
        self._warm()
        return {"functions": self._functions.names()}

    def flush(self) -> dict[str, Any]:
        """Send logs and metrics that wait, now."""
        return {"lines": self._shipper.flush()}

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._output.install()
        self._shipper.start()
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, done.set)
        server = await self._server.start(self._port)
        for task in (self._warm, self._watch):
            threading.Thread(target=task, name=task.__name__, daemon=True).start()
        await done.wait()
        # Not `async with`: since Python 3.12 that waits for MiniStack to give up its line.
        server.close()
        self._server.close()
        self._shipper.close()

    def _warm(self) -> None:
        """Build what is deployed, so that no player waits for it. Failures show at first use."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            names = self._ministack.hosted(self._url)
        except (BotoCoreError, ClientError) as exc:
            _log.warning("MiniStack did not list its functions: %s", exc)
            return
        for name in names:
            try:
                self._functions.get(name)
            except Exception as exc:  # noqa: BLE001 - anything may go wrong in a function's code
                _log.warning("%s cannot be built yet: %s: %s", name, type(exc).__name__, exc)

    def _watch(self) -> None:
        """Notice deployments that nobody told this process about."""
        from botocore.exceptions import BotoCoreError, ClientError

        while True:
            time.sleep(_RECHECK_S)
            try:
                self._functions.recheck()
            except (BotoCoreError, ClientError) as exc:
                _log.warning("MiniStack did not tell the functions' settings: %s", exc)


def main(arguments: list[str] | None = None) -> None:
    """Run the host until it is told to end."""
    parser = argparse.ArgumentParser(prog="python -m quizkit.local.host")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway", required=True, help="MiniStack's endpoint")
    parser.add_argument("--logs", type=Path, required=True, help="directory of the log file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    host = Host(port=options.port, gateway_url=options.gateway, logs=options.logs)
    asyncio.run(host.serve())
    # Invocations whose callers are gone must not keep the process: their threads are no daemons.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
