import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { regionOf } from '../../infra/cli/sign.ts';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { signatureOf, startIamGateway } from '../fakes/iam-gateway.ts';
import { CANARIES } from '../security/canaries.ts';
import { boots, started, startService } from './command-line.ts';

const service = await startService();
after(() => service.close());
const KEY = { id: 'AKIDLASTING', secret: CANARIES.operatorPassword };
const SESSION = { id: 'ASIDSESSION', secret: CANARIES.operatorPassword, token: 'session+token/==' };
const gateway = await startIamGateway([KEY, SESSION], 'eu-north-1', service.operatorUrl);
after(() => gateway.close());

/** A home without AWS configuration, so that nothing of this machine's owner is found. */
const home = mkdtempSync(join(tmpdir(), 'nodeless-home-'));
after(() => rmSync(home, { recursive: true, force: true }));
const bare = {
  NODELESS_URL: gateway.url,
  AWS_REGION: 'eu-north-1',
  AWS_CONFIG_FILE: join(home, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
  AWS_EC2_METADATA_DISABLED: 'true',
};
const lasting = { ...bare, AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret };
const run = (env: NodeJS.ProcessEnv, ...words: string[]) => started(home, words, env);

describe('npx nodeless --sign', () => {
  it('the gateway of these tests signs what the specification signs', () => {
    const vanilla = {
      method: 'GET',
      target: '/',
      headers: [['host', 'example.amazonaws.com'] as const, ['x-amz-date', '20150830T123600Z'] as const],
      body: '',
    };
    assert.equal(
      signatureOf('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20150830/us-east-1/service/aws4_request', vanilla),
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    );
  });

  it('signs what it asks and what it sends', async () => {
    await boots(service, 1);
    const made = await run(lasting, '--sign', 'join-token', 'create', 'rack7');
    assert.equal(made.exit, 0, made.notes);
    assert.match((await run(lasting, '--sign', 'inbox', 'serial=SN-1')).out, /held .*SN-1/);
    assert.equal((await run(lasting, '--sign', 'join-token', 'revoke', 'rack7')).exit, 0);
  });

  it('signs paths and queries with everything that needs an escape', async () => {
    const words = ["a b+c&d=e/f?g#h%20!'()*ü:@,;~", 'description_contains=a b+c&d/é*'];
    const node = await run(lasting, '--sign', 'node', words[0] ?? '');
    assert.match(node.notes, /could not be found|badly formed|nodeless nodes/i);
    assert.doesNotMatch(node.notes, /signature/);
    assert.equal((await run(lasting, '--sign', 'nodes', words[1] ?? '')).exit, 0);
  });

  it("finds credentials as AWS's tools do, here those of a session in a profile", async () => {
    const { id, secret, token } = SESSION;
    const lines = [
      '[rack]',
      `aws_access_key_id=${id}`,
      `aws_secret_access_key=${secret}`,
      `aws_session_token=${token}`,
    ];
    writeFileSync(bare.AWS_SHARED_CREDENTIALS_FILE, `${lines.join('\n')}\n`);
    const { exit, notes } = await run({ ...bare, AWS_PROFILE: 'rack', NODELESS_SIGN: 'iam' }, 'nodes');
    assert.equal(exit, 0, notes);
  });

  const REFUSED: [what: string, env: NodeJS.ProcessEnv, words: string, exit: number, says: RegExp][] = [
    ['no credentials', bare, '--sign nodes', 4, /No AWS credentials[\s\S]*aws sso login/],
    ['another secret', { ...lasting, AWS_SECRET_ACCESS_KEY: 'other' }, '--sign nodes', 4, /get-caller-identity/],
    ['credentials that ended', { ...lasting, AWS_SESSION_TOKEN: 'old' }, '--sign nodes', 4, /aws sso login/],
    ['another region', { ...lasting, AWS_REGION: 'us-east-1' }, '--sign nodes', 4, /does not match/],
    ['a name that tells no region', { ...lasting, AWS_REGION: '' }, '--sign nodes', 2, /Set AWS_REGION/],
    ['no signature', lasting, 'nodes', 4, /Missing Authentication Token[\s\S]*--sign/],
    ['a name and a signature', lasting, '--sign --user ada nodes', 2, /cannot be used with/],
    ['a name where a signature is wanted', { ...lasting, NODELESS_PASSWORD: 'x' }, '--user ada nodes', 4, /--sign/],
    ['a way to sign that there is not', { ...lasting, NODELESS_SIGN: 'yes' }, 'nodes', 2, /iam, or leave it out/],
  ];
  for (const [what, env, words, exit, says] of REFUSED) {
    it(`${what}: it says what to do next`, async () => {
      const before = gateway.passed.length;
      const said = await run(env, ...words.split(' '));
      assert.equal(said.exit, exit, said.notes);
      assert.match(said.notes, says);
      assert.equal(gateway.passed.length, before, 'nothing reached the service');
      assert.ok(!`${said.notes}${said.out}`.includes(KEY.secret));
    });
  }

  it('a service that knows names says that it wants one', async (t) => {
    const named = await startService({ authenticate: basicAuthentication(() => new Map()) });
    t.after(() => named.close());
    const { exit, notes } = await run({ ...lasting, NODELESS_URL: named.operatorUrl }, '--sign', 'nodes');
    assert.equal(exit, 4, notes);
    assert.match(notes, /leave out --sign/);
  });

  for (const [host, region] of [
    ['abc123.execute-api.eu-north-1.amazonaws.com', 'eu-north-1'],
    ['abc123.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['abc123.execute-api.eu-north-1.amazonaws.com.example.org', 'us-east-1'],
    ['nodeless.example.org', 'us-east-1'],
  ] as const) {
    it(`signs for ${host} in ${region}`, () => assert.equal(regionOf(host, { AWS_REGION: 'us-east-1' }), region));
  }
});
