import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { Unavailable } from '../../errors.ts';
import type { Background } from '../../vendor/background.ts';

/** An async call goes on in a function of its own, which is invoked and not waited for. */
export function functionBackground(client: Pick<LambdaClient, 'send'>, functionName: string): Background {
  return {
    async begin(task) {
      const Payload = new TextEncoder().encode(JSON.stringify(task));
      try {
        await client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload }));
      } catch (cause) {
        throw new Unavailable('The call could not be begun; try again', 5, { cause });
      }
    },
  };
}
