import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfiguration } from '../../functions/env.ts';
import { localConfiguration, readConfigurationFile } from '../../infra/local/configuration.ts';
import { type Configuration, completed, DEFAULTS, type GivenConfiguration } from '../../shared/configuration.ts';
import { ofType, synth } from './template.ts';

const hooks = { site: { function: 'arn:aws:lambda:eu-west-1:123456789012:function:site' } };
const boot = { kernel: 'http://10.0.0.1/k', ramdisk: 'http://10.0.0.1/r', kernelParameters: 'quiet' };

/** What a file says, and all that it changes. */
const CASES: [string, GivenConfiguration, Partial<Configuration>][] = [
  ['nothing', {}, {}],
  ['a number', { powerSyncSeconds: 0 }, { powerSyncSeconds: 0 }],
  ['one deadline', { deadlines: { deploy: 60 } }, { deadlines: { ...DEFAULTS.deadlines, deploy: 60 } }],
  [
    'where enrolment ends',
    { enrollment: { state: 'available', unknown: 'deny' } },
    { enrollment: { ...DEFAULTS.enrollment, state: 'available', unknown: 'deny' } },
  ],
  ['one threshold', { matching: { threshold: 80 } }, { matching: { preset: 'nodeless', threshold: 80 } }],
  ['one limit', { limits: { stopAll: true } }, { limits: { ...DEFAULTS.limits, stopAll: true } }],
  ['an empty object', { legacyHeartbeat: {} }, {}],
  ['a list, which replaces the default', { agentNetworks: ['10.1.0.0/16'] }, { agentNetworks: ['10.1.0.0/16'] }],
  ['what has no default', { inbox: { perMinute: 5 }, hooks, boot }, { inbox: { perMinute: 5 }, hooks, boot }],
];

const folder = mkdtempSync(join(tmpdir(), 'nodeless-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
after(() => delete process.env['NODELESS_CONFIGURATION']);

function deployed(file: string): { name: string; text: string }[] {
  return ofType(synth({ configuration: file }).controlPlane, 'AWS::Lambda::Function').flatMap(([name, resource]) => {
    const { Variables } = (resource.Properties['Environment'] ?? { Variables: {} }) as {
      Variables: Record<string, string>;
    };
    return Variables['NODELESS_CONFIGURATION'] ? [{ name, text: Variables['NODELESS_CONFIGURATION'] }] : [];
  });
}

describe('a configuration that says', () => {
  for (const [index, [what, given, changed]] of CASES.entries()) {
    it(`${what} keeps the default of everything else, in the file's reader, at synth and in a function`, () => {
      const whole = { ...DEFAULTS, ...changed };
      const file = join(folder, `${index}.json`);
      writeFileSync(file, JSON.stringify({ $schema: './nodeless-config.schema.json', ...given }));
      assert.deepEqual(completed(readConfigurationFile(file)), whole);
      process.env['NODELESS_CONFIGURATION'] = JSON.stringify(given);
      assert.deepEqual(readConfiguration(), whole);
      const { agentNetworks, enrollment } = localConfiguration();
      const local = localConfiguration(given);
      assert.deepEqual(local, {
        ...whole,
        agentNetworks: given.agentNetworks ?? agentNetworks,
        enrollment: { ...whole.enrollment, unknown: given.enrollment?.unknown ?? enrollment.unknown },
      });
    });
  }

  it('a part of everything is deployed whole', () => {
    const file = join(folder, 'all.json');
    writeFileSync(file, JSON.stringify(Object.assign({}, ...CASES.map(([, given]) => given))));
    const whole = Object.assign({}, DEFAULTS, ...CASES.map(([, , changed]) => changed));
    const functions = deployed(file);
    assert.ok(functions.length > 5);
    for (const { name, text } of functions) assert.deepEqual(JSON.parse(text), whole, name);
  });
});
