import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { iamAuthentication } from '../../functions/lambda/iam-authentication.ts';
import { rawRequestOf } from '../../functions/lambda/rest-proxy.ts';
import { operatorServer } from './operator-server.ts';

const ACCOUNT = '123456789012';
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Viewer/ada@example.org`;
const USER = `arn:aws:iam::${ACCOUNT}:user/team/bob`;
const ROLES = {
  admin: [USER],
  member: [`arn:aws:iam::${ACCOUNT}:role/Deployer`],
  reader: [`arn:aws:iam::${ACCOUNT}:role/path/Viewer`, `arn:aws:iam::${ACCOUNT}:role/Deployer`],
};
const as = (principal?: string) => (roles?: typeof ROLES) => iamAuthentication(roles)({ principal } as never);

describe('operators by IAM', () => {
  it('are administrators when IAM let them in and nothing else is said', async () => {
    assert.deepEqual(await as(SESSION)(), { user: SESSION, role: 'admin' });
  });

  it('have the highest role that names them, a session by its role', async () => {
    assert.equal((await as(SESSION)(ROLES)).role, 'reader');
    assert.equal((await as(USER)(ROLES)).role, 'admin');
    assert.equal((await as(`arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/x`)(ROLES)).role, 'member');
  });

  it('may nothing when a table does not name them', async () => {
    for (const stranger of [
      `arn:aws:sts::${ACCOUNT}:assumed-role/Other/Viewer`,
      'arn:aws:sts::999999999999:assumed-role/Viewer/x',
      `arn:aws:iam::${ACCOUNT}:user/Viewer`,
      `arn:aws:iam::${ACCOUNT}:user/bob`,
      `arn:aws:iam::${ACCOUNT}:root`,
    ]) {
      await assert.rejects(as(stranger)(ROLES), { status: 403 }, stranger);
    }
    await assert.rejects(as(SESSION)({} as typeof ROLES), { status: 403 });
  });

  it('must be known to the gateway: a header is no principal', async () => {
    await assert.rejects(as(undefined)(), { status: 401 });
    const { call } = operatorServer({ authenticate: iamAuthentication(undefined) });
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=forged', principal: USER, 'x-amzn-principal': USER };
    assert.equal((await call('GET', '/v1/nodes', undefined, headers)).status, 401);
  });

  it('are named by the context of the event', () => {
    const event = (userArn: string | null) =>
      rawRequestOf(
        { httpMethod: 'GET', path: '/', headers: {}, body: null, requestContext: { identity: { userArn } } } as never,
        'https://metal.example',
      );
    assert.equal(event(USER).principal, USER);
    assert.equal(event(null).principal, undefined);
  });
});
