import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { hashSync } from 'bcryptjs';
import { basicAuthentication, readUsers, usersOf } from '../../infra/local/basic-auth.ts';
import { localConfiguration, readConfigurationFile } from '../../infra/local/configuration.ts';
import { configurationSchema } from '../../infra/local/configuration-schema.ts';
import { optionsFrom } from '../../infra/local/environment.ts';
import { publicUrls } from '../../infra/local/public-urls.ts';

function file(t: TestContext, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodeless-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return path;
}

describe('NODELESS_*', () => {
  it('has the documented defaults', () => {
    const options = optionsFrom({ NODELESS_HOST: '', PATH: 'x' });
    assert.deepEqual([options.operatorPort, options.agentPort, options.host], [6385, 6386, '127.0.0.1']);
    assert.deepEqual(
      [options.dataFolder, options.authenticate, options.publicUrl],
      ['.nodeless', undefined, undefined],
    );
    assert.equal(optionsFrom({ NODELESS_DATA: 'memory' }).dataFolder, undefined);
  });

  it('names the variable that is wrong', () => {
    assert.throws(() => optionsFrom({ NODELESS_AGENT_PORT: 'x' }), /NODELESS_AGENT_PORT/);
    assert.throws(() => optionsFrom({ NODELESS_AUTH: 'kerberos' }), /NODELESS_AUTH/);
    assert.throws(() => optionsFrom({ NODELESS_AUTH: 'basic' }), /NODELESS_AUTH_FILE/);
    assert.throws(() => optionsFrom({ NODELESS_PUBLIC_URL: 'bare.example' }), /NODELESS_PUBLIC_URL/);
  });

  it('shows each API its own port where the public URL names one of them', () => {
    const ports = { operatorPort: 6385, agentPort: 6386 };
    assert.deepEqual(publicUrls({ publicUrl: 'http://10.0.0.1:6385/', ...ports }), {
      operator: 'http://10.0.0.1:6385',
      agent: 'http://10.0.0.1:6386',
    });
    assert.equal(
      publicUrls({ publicUrl: 'https://bare.example/metal/', ...ports }).agent,
      'https://bare.example/metal',
    );
  });
});

describe('NODELESS_CONFIG', () => {
  it('has one place for the name of a medium, at the end of its address', (t) => {
    const read = (url: string) => readConfigurationFile(file(t, JSON.stringify({ parametersIso: url }))).parametersIso;
    for (const url of [
      'https://agents.example.org/parameters.iso',
      'https://agents.example.org/parameters/{medium}.iso',
      'http://10.0.0.1:8080/{medium}.iso',
      'https://agents.example.org/join/abc/parameters/{medium}.iso',
    ])
      assert.equal(read(url), url);
    for (const url of [
      'https://agents.example.org/parameters/{node}.iso',
      'https://agents.example.org/parameters/{medium}',
      'https://agents.example.org/{medium}/{medium}.iso',
      'https://agents.example.org/parameters.iso?name={medium}.iso',
      'https://{medium}.iso',
      'ftp://agents.example.org/{medium}.iso',
    ])
      assert.throws(() => read(url), /parametersIso/, url);
  });

  it('is JSON or YAML, and changes only what it names', (t) => {
    const yaml = readConfigurationFile(file(t, 'deadlines:\n  deploy: 60\nenrollment: { state: available }\n'));
    assert.deepEqual(yaml, readConfigurationFile(file(t, JSON.stringify(yaml))));
    const configuration = localConfiguration(yaml);
    assert.deepEqual([configuration.deadlines.deploy, configuration.deadlines.clean], [60, 1800]);
    assert.deepEqual([configuration.enrollment.state, configuration.enrollment.unknown], ['available', 'enroll']);
  });

  it('lets machines of this one call from loopback', () => {
    const { agentNetworks } = localConfiguration();
    assert.ok(agentNetworks.includes('127.0.0.0/8') && agentNetworks.includes('::1/128'));
  });

  it('names what it does not know, and what is wrong', (t) => {
    const wrong = (content: string) => () => readConfigurationFile(file(t, content));
    assert.throws(wrong('deadline: 3'), /deadline/);
    assert.throws(wrong('deadlines: { deplo: 3 }'), /deadlines: .*deplo/);
    assert.throws(wrong('deadlines: { deploy: 1.5 }'), /deadlines\.deploy/);
    assert.throws(wrong('agentNetworks: [10.0.0.1]'), /agentNetworks\.0/);
    assert.throws(wrong('{ provideWhenPresent: true, fastTrack: false }'), /provideWhenPresent: needs fastTrack/);
    assert.throws(wrong('a: ['), /NODELESS_CONFIG/);
    assert.throws(() => readConfigurationFile('/nowhere/at/all'), /ENOENT/);
  });

  it('names no driver and no hook that there is not, and says which policy does', (t) => {
    const wrong = (content: object) => () => readConfigurationFile(file(t, JSON.stringify(content)));
    const policies = [
      { name: 'fine', outcome: 'enroll', node: { driver: 'redfish' } },
      { name: 'rack-7', outcome: 'enroll', node: { driver: 'redfisch' } },
    ];
    assert.throws(
      wrong({ enrollment: { policies } }),
      /enrollment\.policies\.1\.node\.driver: policy rack-7: there is no driver redfisch, but .*redfish/,
    );
    assert.throws(wrong({ enrollment: { driver: 'redfisch' } }), /enrollment\.driver: there is no driver redfisch/);
    const asking = { policies: [{ name: 'ask', outcome: 'hook', hook: { name: 'fule', fallback: 'enroll' } }] };
    assert.throws(wrong({ enrollment: asking }), /policy ask: `hooks` has no fule/);
    const hook = { name: 'fule', timeoutSeconds: 3, fallback: 'hold' };
    assert.throws(wrong({ matching: { preset: 'nodeless', hook } }), /matching\.hook\.name: `hooks` has no fule/);
    const hooks = { fule: { url: 'https://hooks.example.org/', secret: 'env:FULE' } };
    assert.ok(readConfigurationFile(file(t, JSON.stringify({ hooks, enrollment: asking }))));
  });

  it('has a current JSON schema (write it with: npm run schema)', () => {
    const url = new URL('../../infra/local/nodeless-config.schema.json', import.meta.url);
    assert.deepEqual(JSON.parse(readFileSync(url, 'utf8')), configurationSchema());
  });
});

describe('NODELESS_AUTH=basic', () => {
  const authorization = (pair: string) => ({
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  });
  type Request = Parameters<ReturnType<typeof basicAuthentication>>[0];

  it('knows users by bcrypt hashes, with their role', async (t) => {
    const hash = hashSync('s3cret:x', 4);
    const users = `# users\nada:${hash}\n\nbob:${hash}:reader\nbob:${hash}:admin\n`;
    const authenticate = basicAuthentication(usersOf(file(t, users)));
    const asked = (pair: string) => authenticate(authorization(pair) as unknown as Request);
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await asked('ada:s3cret:x'), { user: 'ada', role: 'admin' });
    assert.deepEqual(await asked('bob:s3cret:x'), { user: 'bob', role: 'reader' });
    for (const pair of ['ada:wrong', 'eve:s3cret:x', ':s3cret:x', 'ada:', ':']) {
      await assert.rejects(asked(pair), { status: 401 });
    }
    await assert.rejects(authenticate({ headers: {} } as unknown as Request), { status: 401 });
  });

  it('reads the file again when it changed, and lets nobody in by a file that it cannot read', async (t) => {
    const path = file(t, `ada:${hashSync('old', 4)}\n`);
    const authenticate = basicAuthentication(usersOf(path));
    const asked = (pair: string) => authenticate(authorization(pair) as unknown as Request);
    assert.equal((await asked('ada:old')).user, 'ada');
    writeFileSync(path, `ada:${hashSync('renewed', 4)}:member\n# changed\n`);
    await assert.rejects(asked('ada:old'), { status: 401 });
    assert.deepEqual(await asked('ada:renewed'), { user: 'ada', role: 'member' });
    rmSync(path);
    await assert.rejects(asked('ada:renewed'), { status: 503 });
  });

  it('refuses a file that it cannot hold users by', (t) => {
    assert.throws(() => readUsers(file(t, 'ada:plain')), /line 1: expected name:bcrypt-hash/);
    assert.throws(
      () => readUsers(file(t, 'ada:plain')),
      ({ message }) => !message.includes('plain'),
    );
    assert.throws(() => readUsers(file(t, 'ada:$apr1$x$y')), /htpasswd -nB/);
    assert.throws(() => readUsers(`${file(t, '')}-absent`), /cannot be read \(ENOENT\)/);
    assert.throws(() => readUsers(file(t, '# nobody')), /no users/);
  });
});
