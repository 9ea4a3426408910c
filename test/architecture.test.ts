import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { staleIn } from './architecture/markdown.ts';
import { unpairedStates } from './architecture/pairing.ts';
import { routeProblems } from './architecture/routes.ts';
import {
  ADAPTER_GROUND,
  ADAPTER_KINDS,
  BANNED_NAMES,
  ENVIRONMENT_READERS,
  IMPORT_EXCEPTIONS,
  IMPORT_RULES,
  INTERFACE_NAME_READERS,
  PROVISION_STATE_MENTIONS,
  PROVISION_STATE_WRITERS,
  SIZE,
} from './architecture/rules.ts';
import {
  circlesOf,
  type Import,
  matches,
  ROOT,
  readSource,
  type Source,
  trackedFiles,
} from './architecture/sources.ts';

const tracked = trackedFiles();
const sources = tracked.filter((path) => /\.(ts|mjs)$/.test(path)).map(readSource);
const product = sources.filter(({ path }) => /^(shared|functions|infra)\//.test(path));

describe('imports', () => {
  const excused = ({ path }: Source, { target }: Import) => IMPORT_EXCEPTIONS[path]?.target === target;

  for (const rule of IMPORT_RULES) {
    it(rule.why, () => {
      const bound = product.filter(({ path }) => matches(path, rule.from) && !matches(path, rule.except ?? []));
      const broken = bound.flatMap((source) =>
        source.imports
          .filter((one) => matches(one.target, rule.mayNot) && !(rule.typesAllowed && one.typeOnly))
          .filter((one) => !excused(source, one))
          .map((one) => `${source.path} imports ${one.target}`),
      );
      assert.deepEqual(broken, []);
    });
  }

  it('adapters of one kind do not lean on another kind', () => {
    const kindOf = (path: string) => path.slice(ADAPTER_KINDS.length).split('/')[0];
    const broken = product
      .filter(({ path }) => path.startsWith(ADAPTER_KINDS))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => target.startsWith(ADAPTER_KINDS) && !target.startsWith(ADAPTER_GROUND))
          .filter(({ target }) => kindOf(target) !== kindOf(path))
          .map(({ target }) => `${path} imports ${target}`),
      );
    assert.deepEqual(broken, []);
  });

  it('no file of the product needs itself in a circle, not for a type either', () => {
    assert.deepEqual(circlesOf(product), []);
    const needs = (path: string, target: string) => ({ path, imports: [{ target, typeOnly: true }] });
    assert.deepEqual(circlesOf([needs('a', 'b'), needs('b', 'a')]), ['a → b → a']);
  });

  it('every relative import names a file that exists', () => {
    const known = new Set(tracked);
    const lost = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => /^(shared|functions|infra|test)\//.test(target) && !known.has(target))
        .map(({ target }) => `${path} imports ${target}`),
    );
    assert.deepEqual(lost, []);
  });

  it('keeps no exception that nothing needs', () => {
    const unused = Object.entries(IMPORT_EXCEPTIONS).filter(
      ([path, { target }]) => !sources.find((one) => one.path === path)?.imports.some((one) => one.target === target),
    );
    assert.deepEqual(unused, []);
  });
});

describe('one place for each thing', () => {
  const withPattern = (pattern: RegExp) => product.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  it('the environment is read where it is listed', () => {
    assert.deepEqual(
      withPattern(/\bprocess\.env\b/).filter((path) => !(path in ENVIRONMENT_READERS)),
      [],
    );
  });

  it('the name of an interface is read where it is listed: vendors have several for one thing', () => {
    assert.deepEqual(
      withPattern(/\binterfaces(\.|\[')\w+_interface\b/).filter((path) => !(path in INTERFACE_NAME_READERS)),
      [],
    );
  });

  it('the state of a node is written where it is listed', () => {
    const listed = { ...PROVISION_STATE_WRITERS, ...PROVISION_STATE_MENTIONS };
    const here = withPattern(/\bprovision_state\??\s*(:|=(?!=))/).filter((path) => !path.startsWith('infra/'));
    // `document.provision_state = ` renders an answer.
    const rendered = new Set(withPattern(/\bdocument\.provision_state =/));
    assert.deepEqual(
      here.filter((path) => !(path in listed) && !rendered.has(path)),
      [],
    );
    assert.deepEqual(
      Object.keys(listed).filter((path) => !here.includes(path)),
      [],
    );
  });

  it('importing a file of shared or functions builds nothing, with an empty environment', () => {
    const files = product.filter(({ path }) => /^(shared|functions)\//.test(path)).map(({ path }) => path);
    const script = [
      'const at = (n) => process.getActiveResourcesInfo().filter((one) => /Socket|TCP|Timeout|Server|Process/.test(one));',
      'for (const file of process.argv.slice(1)) await import(file);',
      'await new Promise((resolve) => setImmediate(resolve));',
      'if (at().length > 0) { console.error(at().join()); process.exitCode = 1; }',
    ].join('\n');
    const urls = files.map((path) => pathToFileURL(resolve(ROOT, path)).href);
    execFileSync(process.execPath, ['--input-type=module', '-e', script, ...urls], { env: {}, cwd: ROOT });
  });
});

describe('files', () => {
  it('say by their names what they are about', () => {
    const named = tracked.filter((path) => /\.(ts|mjs)$/.test(path));
    assert.deepEqual(
      named.filter((path) => BANNED_NAMES.test(path)),
      [],
    );
    assert.deepEqual(
      named.filter((path) => basename(path) !== basename(path).toLowerCase() || basename(path).includes('_')),
      [],
    );
  });

  it('are short', () => {
    const lengths = product.map(({ lines }) => lines).sort((a, b) => a - b);
    const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
    assert.ok(median <= SIZE.medianLines, `the median file has ${median} lines`);
    assert.deepEqual(
      product.filter(({ lines }) => lines > SIZE.mostLines).map(({ path, lines }) => `${path}: ${lines}`),
      [],
    );
  });

  it('name no folder of somebody’s machine and no registry', () => {
    const text = tracked.filter((path) => !/\.(png|ico|gz)$/.test(path)).map(readSource);
    const machine = new RegExp(`(^|[\\s'"\`=(])/(home|Users|root|work${''})/[\\w.]`, 'm');
    assert.deepEqual(
      text.filter((one) => machine.test(one.text)).map(({ path }) => path),
      [],
    );
    const lock = text.filter(({ path }) => path === 'package-lock.json' || path === '.npmrc');
    assert.deepEqual(
      lock.filter((one) => /"resolved":|^registry\s*=|_authToken/m.test(one.text)).map(({ path }) => path),
      [],
    );
    const requirements = text.filter(({ path }) => path.endsWith('requirements.txt'));
    assert.deepEqual(
      requirements.filter((one) => /index-url|find-links|:\/\//.test(one.text)).map(({ path }) => path),
      [],
    );
  });
});

describe('pairs', () => {
  it('every test is collected by `npm test`, or by the command for stock agents', () => {
    const globs = [packageJson.scripts.test, packageJson.scripts['test:stock-agent']].map(
      (script) => /"(?<glob>[^"]+)"/.exec(script)?.groups?.['glob'] ?? '',
    );
    const collected = new Set(globs.flatMap((glob) => globSync(glob, { cwd: ROOT })));
    const tests = tracked.filter((path) => /test\.(ts|mjs|js)$/.test(path) || /\.spec\./.test(path));
    assert.deepEqual(
      tests.filter((path) => !collected.has(path)),
      [],
    );
  });

  it('every task of the workflow has one file of its name, and the other way round', () => {
    assert.deepEqual(unpairedStates(tracked), []);
  });

  it('every route has a role and a handler, and every handler a route', async (t) => {
    const problems = await routeProblems(tracked);
    if (problems === undefined) t.skip('there is no table of routes yet');
    else assert.deepEqual(problems, []);
  });
});

describe('pages', () => {
  const scripts = Object.keys(packageJson.scripts);
  const clone = { files: tracked, scripts, read: (path: string) => readSource(path).text };

  it('lead only to files and headings that exist, and name only files and commands that do', () => {
    const pages = tracked.filter((path) => path.endsWith('.md'));
    assert.ok(pages.includes('README.md') && pages.length > 20);
    assert.deepEqual(
      pages.flatMap((path) => staleIn(path, clone)),
      [],
    );
  });

  it('are read as a person reads them', () => {
    const page = [
      '# A page: of two',
      '[a](b.ts) [up](../up) [here](#a-page-of-two) [away](https://example.net/x) [no](no.ts) [nor](#nor) [gone](../up/x.md#y)',
      '`b.ts`, `lib/c.ts`, `c.ts` and `d.ts`; `npm run there`, `npm run -s gone`',
      '```',
      '[in code](nowhere.ts), `nowhere.ts`; npm run away',
      '```',
    ].join('\n');
    const files = ['at/page.md', 'at/b.ts', 'at/lib/c.ts', 'd.js', 'up/x.ts'];
    assert.deepEqual(staleIn('at/page.md', { files, scripts: ['there'], read: () => page }), [
      'at/page.md: the link no.ts leads nowhere',
      'at/page.md: the link #nor leads nowhere',
      'at/page.md: the link ../up/x.md#y leads nowhere',
      'at/page.md: there is no npm run gone',
      'at/page.md: there is no npm run away',
      'at/page.md: there is no file d.ts',
    ]);
  });
});
