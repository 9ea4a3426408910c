import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { Unavailable } from '../../errors.ts';
import type { AgentExchange, BmcExchange, BmcReply, Reach } from '../../run/exchange-port.ts';
import type { ExchangeReply } from '../../run/run.ts';

/** Refusals of Lambda before the function ran: nothing was sent to the machine, so the run may try again. */
const NOT_RUN = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'EC2ThrottledException',
  'ENILimitReachedException',
]);

/** What the `reach` function is given: one exchange, and with whom. */
export type ReachPayload = { to: 'agent'; exchange: AgentExchange } | { to: 'bmc'; exchange: BmcExchange };

/** The exchange by the `reach` function, synchronously. The client must not retry: that would be a second exchange. */
export function lambdaReach(client: LambdaClient, functionName: string): Reach {
  /** The function's answer, or why there is none. */
  async function invoke(payload: ReachPayload): Promise<{ answer: unknown } | { broken: string }> {
    const Payload = new TextEncoder().encode(JSON.stringify(payload));
    const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'RequestResponse', Payload });
    const answer = await client.send(command).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : '';
      if (NOT_RUN.has(name)) throw new Unavailable('The function that reaches machines is busy', 5, { cause: error });
      // Denied, too large, or cut off in between: nobody knows whether the machine heard it.
      return name;
    });
    if (typeof answer === 'string') return { broken: `the exchange failed: ${answer}` };
    // An error's text could repeat the payload, which holds the token.
    if (answer.FunctionError !== undefined || answer.Payload === undefined) return { broken: 'the exchange broke off' };
    return { answer: JSON.parse(new TextDecoder().decode(answer.Payload)) };
  }
  return {
    async agent(exchange) {
      const done = await invoke({ to: 'agent', exchange });
      return 'broken' in done ? { kind: 'unreachable', message: done.broken } : (done.answer as ExchangeReply);
    },
    async bmc(exchange) {
      const done = await invoke({ to: 'bmc', exchange });
      return 'broken' in done
        ? { kind: 'failed', because: 'unreachable', message: done.broken }
        : (done.answer as BmcReply);
    },
  };
}
