import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { lockFolder } from '../../infra/local/folder-lock.ts';

/** Nobody waits as long as a person would. */
const PATIENCE_MS = 250;
/** Linux gives no number as high as this. */
const NOBODY = 2 ** 30;

function folder(t: TestContext) {
  const path = mkdtempSync(join(tmpdir(), 'nodeless-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const lock = join(path, 'lock');
  return { path, lock, left: (text: string) => writeFileSync(lock, text) };
}

describe('the lock of a data folder', () => {
  it('is had by one at a time; the other is told who has it and what to do', async (t) => {
    const { path } = folder(t);
    const unlock = await lockFolder(path, PATIENCE_MS);
    const message = `another Nodeless (pid ${process.pid}) uses ${path}; end it or set NODELESS_DATA to another folder`;
    await assert.rejects(lockFolder(path, PATIENCE_MS), { message });
    unlock();
    (await lockFolder(path, PATIENCE_MS))();
  });

  it('is had by whoever waits for the one before, who is on its way out', async (t) => {
    const { path } = folder(t);
    const unlock = await lockFolder(path, PATIENCE_MS);
    setTimeout(unlock, 100);
    (await lockFolder(path, 5000))();
  });

  it('is taken over from the dead, also when their number is used again', async (t) => {
    const { path, lock, left } = folder(t);
    const unlock = await lockFolder(path, PATIENCE_MS);
    const living = readFileSync(lock, 'utf8');
    unlock();
    const dead = [`${NOBODY} long ago`, living.replace(/\d+$/, '1'), `${process.pid} another boot`];
    for (const text of dead) {
      left(text);
      (await lockFolder(path, PATIENCE_MS))();
    }
    left(living);
    await assert.rejects(lockFolder(path, PATIENCE_MS), /another Nodeless/);
  });

  it('that says nothing is being written, until that is too long ago', async (t) => {
    const { path, lock, left } = folder(t);
    left('');
    await assert.rejects(lockFolder(path, PATIENCE_MS), /another Nodeless/);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    (await lockFolder(path, PATIENCE_MS))();
  });

  it('is let go of by its holder only', async (t) => {
    const { path, lock, left } = folder(t);
    const unlock = await lockFolder(path, PATIENCE_MS);
    left(`${process.ppid} of somebody else`);
    unlock();
    assert.equal(readFileSync(lock, 'utf8'), `${process.ppid} of somebody else`);
  });
});
