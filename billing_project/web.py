"""The worker of web: gunicorn's own, that takes connections one at a time.

An event loop accepts all that wait at once, so a burst of clients that keep their connections ends up with one process
while the others idle. Taken one by one, they are shared by whoever is free.
"""

from typing import Any

from gunicorn.workers.gasgi import ASGIWorker


class Worker(ASGIWorker):
    """`gunicorn -k billing_project.web.Worker`."""

    async def _serve(self) -> None:
        create_server = self.loop.create_server

        async def one_by_one(*given: Any, sock: Any, **manner: Any) -> Any:
            # The loop takes as many at once as its backlog is long; the kernel's own queue stays as it is set.
            server = await create_server(*given, sock=sock, backlog=1, **manner)
            sock.listen(self.cfg.backlog)
            return server

        self.loop.create_server = one_by_one
        await super()._serve()
