"""LocalStack's web server on 127.0.0.1 only: its own listens on every interface, which is right in a container only."""

from functools import partial
from unittest import mock

from localstack.runtime.server.twisted import TwistedRuntimeServer
from twisted.internet import endpoints


class LoopbackServer(TwistedRuntimeServer):
    def register(self, *args, **kwargs) -> None:
        on_loopback = partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")
        with mock.patch.object(endpoints, "TCP4ServerEndpoint", on_loopback):
            super().register(*args, **kwargs)
