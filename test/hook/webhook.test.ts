import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { configuredHooks } from '../../shared/adapters/hook/configured-hooks.ts';
import { functionHook } from '../../shared/adapters/hook/function-hook.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HookCall, HookReply } from '../../shared/hook/hook-port.ts';
import { isSigned, REPLAY_WINDOW_SECONDS, sign } from '../../shared/hook/signature.ts';

const SECRET = 'swordfish-of-the-webhook';
const CALL: HookCall = {
  hook: 'dc',
  purpose: 'power',
  idempotencyKey: 'run-1/4/set-power',
  body: { action: 'power-state' },
  timeoutSeconds: 30,
};

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** One call of a webhook that answers like this, over real HTTP. */
async function asked(answer: Answer, call: HookCall = CALL): Promise<HookReply> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString(), response));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const hooks = configuredHooks({
    targets: { dc: { url, secret: 'file:/dev/null' } },
    secretOf: async () => SECRET,
    lambda: () => assert.fail('a webhook is no function'),
    clock: systemClock,
  });
  try {
    return await hooks.call(call);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

const json = (response: ServerResponse, status: number, text: string) =>
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(text);

describe('a webhook', () => {
  it('gets one POST, signed over its time and its bytes, with its idempotency key', async () => {
    const reply = await asked((request, body, response) => {
      assert.equal(request.method, 'POST');
      assert.equal(request.headers['idempotency-key'], CALL.idempotencyKey);
      const header = String(request.headers['x-nodeless-signature']);
      const now = Math.floor(Date.now() / 1000);
      assert.ok(isSigned(SECRET, header, body, now));
      assert.ok(!isSigned(SECRET, header, `${body} `, now), 'another body');
      assert.deepEqual(JSON.parse(body), {
        hook: 'dc',
        purpose: 'power',
        idempotency_key: CALL.idempotencyKey,
        request: { action: 'power-state' },
      });
      json(response, 200, '{"power_state":"power on"}');
    });
    assert.deepEqual(reply, { kind: 'answered', body: { power_state: 'power on' } });
  });

  const broken: [what: string, because: string, Answer, Partial<HookCall>?][] = [
    ['is silent', 'time-out', () => undefined, { timeoutSeconds: 0.2 }],
    [
      'sends its answer byte by byte for ever',
      'time-out',
      (_request, _body, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { timeoutSeconds: 0.3 },
    ],
    ['closes the connection', 'unreachable', (request) => request.socket.destroy()],
    [
      'answers with HTML',
      'not-json',
      (_r, _b, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
    ['calls HTML JSON', 'not-json', (_r, _b, response) => json(response, 200, '<p>hello')],
    ['does not say that it is JSON', 'not-json', (_r, _b, response) => response.writeHead(200).end('{}')],
    [
      'answers with more than 256 KB',
      'too-large',
      (_r, _b, response) => json(response, 200, `"${'x'.repeat(300_000)}"`),
    ],
    [
      'redirects',
      'unreachable',
      (_r, _b, response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    ],
  ];
  for (const [what, because, answer, differs] of broken) {
    it(`that ${what} has failed: ${because}`, async () => {
      const reply = await asked(answer, { ...CALL, ...differs });
      assert.equal(reply.kind === 'failed' && reply.because, because, JSON.stringify(reply));
    });
  }

  it('refuses with its status and its own words, in one short line', async () => {
    const refused = await asked((_r, _b, response) => json(response, 409, '{"message":"the rack\\nis locked\\u0007"}'));
    assert.deepEqual(refused, { kind: 'refused', status: 409, message: 'the rack is locked' });
    const mute = await asked((_r, _b, response) => response.writeHead(500).end('<html>'));
    assert.deepEqual(mute, { kind: 'refused', status: 500, message: 'it refuses (500)' });
    const long = await asked((_r, _b, response) => json(response, 400, JSON.stringify({ message: 'x'.repeat(9999) })));
    assert.equal(long.kind === 'refused' && long.message.length, 300);
  });

  it('is not called without its secret, and the failure does not repeat it', async () => {
    const hooks = configuredHooks({
      targets: { dc: { url: 'http://127.0.0.1:9/', secret: 'env:NOT_SET' } },
      secretOf: () => Promise.reject(new Error(`no ${SECRET}`)),
      lambda: () => assert.fail(),
      clock: systemClock,
    });
    const reply = await hooks.call(CALL);
    assert.equal(reply.kind === 'failed' && reply.because, 'unreachable');
    assert.ok(!JSON.stringify(reply).includes(SECRET));
  });

  it('that nobody declared is unknown, whatever it is called', async () => {
    for (const hook of ['other', 'constructor', '__proto__']) {
      const reply = await asked(() => assert.fail('called'), { ...CALL, hook });
      assert.equal(reply.kind === 'failed' && reply.because, 'unknown-hook');
    }
  });
});

describe('a signature', () => {
  const at = 1_800_000_000;
  const header = sign(SECRET, at, '{}');
  it('holds for the replay window and not longer, in both directions', () => {
    assert.ok(isSigned(SECRET, header, '{}', at + REPLAY_WINDOW_SECONDS));
    assert.ok(isSigned(SECRET, header, '{}', at - REPLAY_WINDOW_SECONDS));
    assert.ok(!isSigned(SECRET, header, '{}', at + REPLAY_WINDOW_SECONDS + 1));
    assert.ok(!isSigned(SECRET, header, '{}', at - REPLAY_WINDOW_SECONDS - 1));
  });
  it('is refused with another secret, time or body, and where there is none', () => {
    const later = header.replace(String(at), String(at + 1));
    for (const given of [undefined, '', 't=1', later, header.slice(0, -1), header.replace('v1', 'v0')]) {
      assert.ok(!isSigned(SECRET, given, '{}', at), String(given));
    }
    assert.ok(!isSigned('another', header, '{}', at));
    assert.ok(!isSigned(SECRET, header, '{ }', at));
  });
});

describe('a function of the owner', () => {
  const invoked = (answer: object | Error) =>
    functionHook(
      { send: (async () => (answer instanceof Error ? Promise.reject(answer) : answer)) as never },
      'arn:aws:lambda:eu-west-1:123456789012:function:dc',
    )(CALL);
  const payload = (value: string) => ({ Payload: new TextEncoder().encode(value) });

  it('answers with its return value', async () => {
    assert.deepEqual(await invoked(payload('{"accepted":true}')), { kind: 'answered', body: { accepted: true } });
    assert.deepEqual(await invoked({}), { kind: 'answered', body: null });
  });
  it('refuses with an error that has a status', async () => {
    const reply = await invoked(payload('{"error":{"status":409,"message":"no"}}'));
    assert.deepEqual(reply, { kind: 'refused', status: 409, message: 'no' });
    const odd = await invoked(payload('{"error":{"status":200}}'));
    assert.equal(odd.kind === 'refused' && odd.status, 400);
  });
  it('that throws, says too much, is denied or slow has failed, and its text stays with it', async () => {
    const threw = await invoked({ FunctionError: 'Unhandled', ...payload('{"errorMessage":"swordfish"}') });
    assert.deepEqual(threw, {
      kind: 'failed',
      because: 'unreachable',
      message: 'its function failed; see its own log',
    });
    const big = await invoked(payload(`"${'x'.repeat(300_000)}"`));
    assert.equal(big.kind === 'failed' && big.because, 'too-large');
    const denied = await invoked(Object.assign(new Error('swordfish'), { name: 'AccessDeniedException' }));
    assert.equal(denied.kind === 'failed' && denied.message, 'its function was not invoked (AccessDeniedException)');
    const slow = await invoked(Object.assign(new Error(), { name: 'AbortError' }));
    assert.equal(slow.kind === 'failed' && slow.because, 'time-out');
  });
});
