"""What LocalStack needs on a machine without Docker: functions as local processes, and a server on loopback only.

The folder beside this one makes it known to LocalStack; it lies on PYTHONPATH and is installed nowhere. The imports are
in load(): plugins are resolved before LocalStack's services can be imported.
"""

from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class NodeProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "node-process"

    def load(self, *args, **kwargs):
        from nodeless_localstack.executor import NodeProcessExecutor

        return NodeProcessExecutor


class LoopbackServerPlugin(RuntimeServerPlugin):
    name = "twisted-loopback"

    def load(self, *args, **kwargs):
        from nodeless_localstack.loopback_server import LoopbackServer

        return LoopbackServer()
