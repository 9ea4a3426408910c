import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { boots, nodeless, started, startService } from './command-line.ts';

const PASSWORD = 'correct-horse-battery';
const hash = hashSync(PASSWORD, 4);
const users = new Map([
  ['ada', { hash, role: 'admin' as const }],
  ['rita', { hash, role: 'reader' as const }],
]);
const service = await startService({ authenticate: basicAuthentication(() => users) });
after(() => service.close());
const as = (user: string, password = PASSWORD) => ({
  NODELESS_URL: service.operatorUrl,
  NODELESS_USER: user,
  NODELESS_PASSWORD: password,
});

describe('a command that cannot be done says why, what to do next, and nothing of a password', () => {
  const CASES: [what: string, env: NodeJS.ProcessEnv, words: string, exit: number, says: RegExp][] = [
    ['nobody listens', { NODELESS_URL: 'http://127.0.0.1:2' }, 'inbox', 3, /ECONNREFUSED[\s\S]*npm start/],
    ['no name', { NODELESS_URL: service.operatorUrl }, 'inbox', 4, /--user/],
    ['a wrong password', as('ada', 'wrong-one'), 'inbox', 4, /Wrong name or password[\s\S]*--user/],
    ['a reader who decides', as('rita'), 'join-token create x', 4, /Ask an administrator/],
    ['no such machine', as('ada'), 'inbox show nope', 1, /could not be found[\s\S]*npx nodeless inbox/],
    ['no such node', as('ada'), 'timeline nope', 1, /could not be found[\s\S]*npx nodeless nodes/],
    ['no such policy', as('ada'), 'policies delete nope', 1, /could not be found[\s\S]*policies list/],
    ['an unknown filter', as('ada'), 'inbox colour=red', 1, /colour/],
    ['a word that is no filter', as('ada'), 'inbox red', 2, /vendor=Dell/],
    ['neither ids nor a filter', as('ada'), 'approve', 2, /--all-matching/],
    ['one node for many machines', as('ada'), 'approve a b --as-node n', 2, /one machine/],
    ['an unknown verb', as('ada'), 'aprove', 2, /Did you mean approve|--help/],
    ['a duration that is none', as('ada'), 'join-token create --expires soon', 2, /7d/],
    ['a file that is not there', as('ada'), 'policies create none.yaml', 2, /none\.yaml/],
    ['no URL', { NODELESS_URL: 'localhost' }, 'inbox', 2, /http:\/\/127\.0\.0\.1:6385/],
    ['a password in the URL', { NODELESS_URL: `http://ada:${PASSWORD}@127.0.0.1:1` }, 'inbox', 2, /NODELESS_PASSWORD/],
  ];
  for (const [what, env, words, exit, says] of CASES) {
    it(what, async () => {
      const said = await nodeless(env, ...words.split(' '));
      assert.equal(said.exit, exit, said.notes);
      assert.match(said.notes, says);
      assert.equal(said.out, '');
      assert.doesNotMatch(said.notes, /correct-horse|wrong-one/);
    });
  }

  it('the right name and password get in, also by the variables of the OpenStack command line', async () => {
    assert.equal((await nodeless(as('ada'), 'inbox')).exit, 0);
    const openstack = { OS_ENDPOINT: `${service.operatorUrl}/v1/`, OS_USERNAME: 'rita', OS_PASSWORD: PASSWORD };
    assert.equal((await nodeless(openstack, 'nodes')).exit, 0);
  });

  it('who decided stands in the inbox', async () => {
    await boots(service, 1);
    const { inbox } = (await nodeless(as('ada'), 'inbox', '--json')).json();
    assert.match((await nodeless(as('ada'), 'reject', inbox[0].uuid)).out, /rejected .*ada/);
  });

  it('a server that is something else is told from one that refuses', async (t) => {
    const other = createServer((_request, response) => void response.writeHead(404).end('<h1>Not here</h1>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { exit, notes } = await nodeless({ NODELESS_URL: url }, 'inbox');
    assert.equal(exit, 3);
    assert.match(notes, /not as Nodeless does/);
  });
});

describe('npx nodeless', () => {
  it('reads a file of the folder in which the person is', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'nodeless-cli-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'p.yaml'), 'name: no-strangers\npriority: 10\noutcome: deny\n');
    const { exit, out, notes } = await started(folder, ['policies', 'create', 'p.yaml'], as('ada'));
    assert.equal(exit, 0, notes);
    assert.match(out, /no-strangers/);
    assert.match((await nodeless(as('ada'), 'policies')).out, /10 .*no-strangers .*deny/);
  });

  it('asks nobody for a password where there is no terminal, and takes none as an option', async () => {
    const env = { NODELESS_URL: service.operatorUrl, NODELESS_USER: 'ada' };
    const { exit, notes } = await started(tmpdir(), ['inbox'], env);
    assert.equal(exit, 4);
    assert.match(notes, /NODELESS_PASSWORD/);
    assert.equal((await started(tmpdir(), ['inbox', '--password', PASSWORD], env)).exit, 2);
  });
});
