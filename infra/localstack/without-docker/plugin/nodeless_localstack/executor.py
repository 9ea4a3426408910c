"""LocalStack's Lambda executor without Docker: every execution environment is a local Node process.

LocalStack makes one executor for each environment and calls start() once, invoke() for one event at a time and stop()
at the end; parallel invocations get further executors. NODELESS_NODE is the Node that runs the functions.
"""

import json
import os
import threading
import time
from datetime import UTC, datetime

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from nodeless_localstack.node_process import ChildExited, NodeProcess

HOST = "127.0.0.1"
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
NODE = os.environ.get("NODELESS_NODE", "node")


def failure(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message, "trace": []}).encode()


class NodeProcessExecutor(RuntimeExecutor):
    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._env: dict[str, str] = {}
        self._process: NodeProcess | None = None
        self._lock = threading.Lock()
        self._stopped = False

    @classmethod
    def validate_environment(cls) -> bool:
        return True  # the starter has tried the Node

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        # What is raised here fails the deployment, with the message as its reason.
        runtime = function_version.config.runtime or "images"
        if not runtime.startswith("nodejs") or function_version.config.layers:
            raise ValueError(f"without Docker only nodejs runtimes without layers can run, not {runtime}")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass  # LocalStack itself removes the unpacked code

    def start(self, env_vars: dict[str, str]) -> None:
        # Nothing of LocalStack's own environment: the function sees what AWS would show it.
        self._env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            **{name: str(value) for name, value in env_vars.items()},
            "LAMBDA_TASK_ROOT": self._code(),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.function_version.config.runtime}",
        }
        self._ready_process()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        timeout = self.function_version.config.timeout
        try:
            process = self._ready_process()
        except StatusErrorException as error:  # a restart after a crash, whose initialisation failed
            return InvocationResult(request_id, error.payload, is_error=True, logs="")
        process.resume()
        log = process.take_log() + f"START RequestId: {request_id}\n"
        begin = time.monotonic()
        try:
            process.send(
                {
                    "id": request_id,
                    "arn": payload["invoked-function-arn"],
                    "trace": payload["trace-id"],
                    "event": payload["payload"],
                    "deadline": (time.time() + timeout) * 1000,
                }
            )
            answer = process.receive(timeout)
        except TimeoutError:
            message = f"{datetime.now(UTC).isoformat()} {request_id} Task timed out after {timeout:.2f} seconds"
            log += process.take_log() + message + "\n"
            result, is_error = failure("Sandbox.Timedout", message), True
            self._discard()
        except ChildExited as error:
            message = f"RequestId: {request_id} Error: Runtime exited with error: {error}"
            log += process.take_log() + message + "\n"
            result, is_error = failure("Runtime.ExitError", message), True
            self._discard()
        else:
            log += process.take_log(request_id)
            is_error = answer["type"] != "result"
            result = (json.dumps(answer["error"]) if is_error else answer["payload"]).encode()
            if len(result) > MAX_RESPONSE_BYTES:
                result = failure("Function.ResponseSizeTooLarge", f"The limit is {MAX_RESPONSE_BYTES} bytes")
                is_error = True
            # Between two invocations nothing runs, as on AWS: what was not awaited is not done.
            process.pause()
        log += f"END RequestId: {request_id}\n"
        log += f"REPORT RequestId: {request_id}\tDuration: {(time.monotonic() - begin) * 1000:.2f} ms\n"
        return InvocationResult(request_id, result, is_error=is_error, logs=log)

    def stop(self) -> None:
        self._stopped = True
        self._discard()

    def get_logs(self) -> str:
        return ""

    def get_address(self) -> str:
        return HOST

    def get_endpoint_from_executor(self) -> str:
        return HOST  # becomes AWS_ENDPOINT_URL of the function, with LocalStack's port

    def get_runtime_endpoint(self) -> str:
        # Shown to the function in its environment; this executor does not speak HTTP with it.
        return f"http://{HOST}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def _code(self) -> str:
        return str(self.function_version.config.code.get_unzipped_code_location())

    def _ready_process(self) -> NodeProcess:
        """The running process; a new one if the last one ended. Returns when the handler is loaded."""
        with self._lock:
            if self._process and not self._process.is_alive():
                self._process.kill()
                self._process = None
            if self._process is None:
                heap = f"--max-old-space-size={self.function_version.config.memory_size}"
                self._process = NodeProcess(NODE, [heap], self._env, self._code())
                if self._stopped:  # stop() came while the process was being started
                    self._process.kill()
            process = self._process
            if process.initialised:
                return process
        try:
            answer = process.receive(config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT)
        except TimeoutError:
            answer = {"error": json.loads(failure("Sandbox.Timedout", "The initialisation timed out"))}
        except ChildExited as error:
            answer = {"error": json.loads(failure("Runtime.ExitError", f"{error}\n{process.take_log()}"))}
        if "error" in answer:
            self._discard()
            raise StatusErrorException("initialisation failed", payload=json.dumps(answer["error"]).encode())
        process.initialised = True
        return process

    def _discard(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process:
            process.kill()
