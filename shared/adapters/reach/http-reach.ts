import type { AgentExchange, Reach } from '../../run/exchange-port.ts';
import type { ExchangeReply } from '../../run/run.ts';
import { oneExchange } from '../http/one-exchange.ts';
import { OTHER_CERTIFICATE } from '../http/pinned-connection.ts';
import { shortStrings } from '../http/short-strings.ts';
import { readReply } from './agent-reply.ts';
import { httpBmc } from './http-bmc.ts';

/** The logs of a ramdisk are the largest reply. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024;
/**
 * A list repeats the arguments and results of every command of this boot, config drives and logs among them, a few MB each
 * (contract §8, 33). Nothing that a run looks at there is as long as this.
 */
const LONGEST_IN_LIST = 16 * 1024;
const MAX_LIST_BYTES = 4 * 1024 * 1024;

const SAID: Record<string, string> = { [OTHER_CERTIFICATE]: 'it shows another certificate than this boot told' };

/**
 * The certificate that a boot told is the only one trusted for it. Without one the trust store decides, as Ironic's
 * `verify_ca`: an agent that was given a certificate tells none.
 */
export const httpReach: Reach = {
  agent(exchange: AgentExchange): Promise<ExchangeReply> {
    const { request } = exchange;
    const url = new URL('/v1/commands/', exchange.callbackUrl);
    if (request.command === 'run') url.searchParams.set('wait', String(request.wait));
    if (exchange.token !== undefined) url.searchParams.set('agent_token', exchange.token);
    // Agents of 2014 know the path without the slash only; the tokenless ones are exactly those.
    if (exchange.token === undefined) url.pathname = '/v1/commands';
    const body = request.command === 'run' ? JSON.stringify({ name: request.name, params: request.params }) : undefined;
    return send(url, exchange, body);
  },
  bmc: httpBmc({ loopback: true }),
};

async function send(url: URL, exchange: AgentExchange, body: string | undefined): Promise<ExchangeReply> {
  const { certificate, timeoutSeconds } = exchange;
  const answer = await oneExchange(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    timeoutSeconds,
    ...(body === undefined
      ? { mostBytes: MAX_LIST_BYTES, through: shortStrings(LONGEST_IN_LIST) }
      : { mostBytes: MAX_REPLY_BYTES }),
    connection: { minVersion: 'TLSv1.2' },
    pinned: certificate || undefined,
  });
  switch (answer.kind) {
    case 'answered':
      return readReply(answer.status, answer.text);
    case 'too-large':
      return { kind: 'unreachable', message: 'the reply is too large' };
    case 'time-out':
      return { kind: 'unreachable', message: 'no answer in time' };
    case 'broken':
      return { kind: 'unreachable', message: SAID[answer.code] ?? answer.code };
  }
}
