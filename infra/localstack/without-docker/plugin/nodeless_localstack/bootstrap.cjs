// The child side of node_process.py: loads the handler that _HANDLER names from LAMBDA_TASK_ROOT and calls it for one
// event after another, as Lambda's managed Node runtime does. Usage: node bootstrap.cjs <socket descriptor>

const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');
const util = require('node:util');

const channel = new net.Socket({ fd: Number(process.argv[2]), readable: true, writable: true });
process.argv.splice(1, 2, process.env.LAMBDA_TASK_ROOT);
let requestId; // of the invocation that runs now

const send = (message, then) => channel.write(`${JSON.stringify(message)}\n`, then);

function describe(error) {
  if (!util.types.isNativeError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

const asJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';

/** A line as Lambda writes it to CloudWatch. */
function writeLog(level, args) {
  const timestamp = new Date().toISOString();
  if (!asJson) {
    const text = util.format(...args).replaceAll('\n', '\r');
    process.stdout.write(`${timestamp}\t${requestId ?? 'undefined'}\t${level}\t${text}\n`);
    return;
  }
  const [first] = args;
  const single = args.length === 1 && typeof first === 'object' && !(first instanceof Error);
  const message = single ? first : util.format(...args);
  process.stdout.write(`${JSON.stringify({ timestamp, level, requestId, message })}\n`);
}

const METHODS = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
for (const [method, level] of Object.entries(METHODS)) console[method] = (...args) => writeLog(level, args);

function loadHandler() {
  const [module, name] = process.env._HANDLER.split('.');
  const handler = require(path.resolve(process.env.LAMBDA_TASK_ROOT, module))[name];
  if (typeof handler !== 'function') throw new Error(`${process.env._HANDLER} is not a function`);
  // Lambda's Node 24 refuses handlers with a callback.
  if (handler.length >= 3) throw new Error(`${process.env._HANDLER} takes a callback: use an async handler`);
  return handler;
}

function makeContext({ id, arn, deadline }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: arn,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - Date.now())),
  };
}

function finish(message) {
  const id = requestId;
  requestId = undefined;
  process.stdout.write(`\0end ${id}\n`); // marks the end of this invocation's log
  send({ ...message, id });
}

async function invoke(handler, invocation) {
  requestId = invocation.id;
  process.env._X_AMZN_TRACE_ID = invocation.trace;
  try {
    const event = invocation.event === '' ? {} : JSON.parse(invocation.event);
    const result = await handler(event, makeContext(invocation));
    finish({ type: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    writeLog('ERROR', ['Invoke Error ', JSON.stringify(describe(error))]);
    finish({ type: 'error', error: describe(error) });
  }
}

// What nobody catches ends the process, as on AWS; the parent starts a new one for the next invocation.
function die(error) {
  writeLog('ERROR', ['Uncaught Exception ', JSON.stringify(describe(error))]);
  process.exit(129);
}

try {
  const handler = loadHandler();
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  const lines = readline.createInterface({ input: channel, crlfDelay: Infinity });
  lines.on('line', (line) => invoke(handler, JSON.parse(line)));
  lines.on('close', () => process.exit(0)); // LocalStack is gone
  send({ type: 'ready' });
} catch (error) {
  writeLog('ERROR', ['Init Error ', JSON.stringify(describe(error))]);
  send({ type: 'init-error', error: describe(error) }, () => process.exit(1));
}
