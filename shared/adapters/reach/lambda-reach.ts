import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { Unavailable } from '../../errors.ts';
import type { Reach } from '../../run/exchange-port.ts';
import type { ExchangeReply } from '../../run/run.ts';

/** Refusals of Lambda before the function ran: nothing was sent to the machine, so the run may try again. */
const NOT_RUN = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'EC2ThrottledException',
  'ENILimitReachedException',
]);

/** The exchange by the `reach` function, synchronously. The client must not retry: that would be a second exchange. */
export function lambdaReach(client: LambdaClient, functionName: string): Reach {
  return {
    async agent(exchange): Promise<ExchangeReply> {
      const Payload = new TextEncoder().encode(JSON.stringify(exchange));
      const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'RequestResponse', Payload });
      const answer = await client.send(command).catch((error: unknown) => {
        const name = error instanceof Error ? error.name : '';
        if (NOT_RUN.has(name)) throw new Unavailable('The function that reaches machines is busy', 5, { cause: error });
        // Denied, too large, or cut off in between: nobody knows whether the machine heard it.
        return name;
      });
      if (typeof answer === 'string') return { kind: 'unreachable', message: `the exchange failed: ${answer}` };
      // An error's text could repeat the payload, which holds the token.
      if (answer.FunctionError !== undefined || answer.Payload === undefined) {
        return { kind: 'unreachable', message: 'the exchange broke off' };
      }
      return JSON.parse(new TextDecoder().decode(answer.Payload)) as ExchangeReply;
    },
  };
}
