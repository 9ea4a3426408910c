import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, posix, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Import {
  /** A path from the root for our own files, else the specifier. */
  target: string;
  typeOnly: boolean;
}
export interface Source {
  path: string;
  text: string;
  lines: number;
  imports: Import[];
}

/** Everything that is in the repository, or would be with `git add -A`. */
export function trackedFiles(): string[] {
  const isFile = (name: string) => statSync(resolve(ROOT, name), { throwIfNoEntry: false })?.isFile() ?? false;
  const names = listed().filter((name) => name !== '' && isFile(name));
  return [...new Set(names)].sort();
}

function listed(): string[] {
  try {
    const given = { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    // Also a clone that belongs to another user, as on some CI machines.
    const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached'];
    // A CI machine may keep its caches and reports in the clone.
    if (!process.env['CI']) list.push('--others', '--exclude-standard');
    const names = execFileSync('git', list, given);
    return names.toString().split('\0');
  } catch {
    // A copy without its history.
    const folders = globSync('{functions,infra,shared,test}/**/*.*', { cwd: ROOT });
    return [...folders, 'README.md', 'package.json', 'package-lock.json', '.npmrc'];
  }
}

export function readSource(path: string): Source {
  const text = readFileSync(resolve(ROOT, path), 'utf8');
  return { path, text, lines: text.split('\n').length - 1, imports: importsOf(path, text) };
}

const STATEMENT = /^(?:import|export)\b(?<what>[^;'"]*?)\bfrom\s*'(?<from>[^']+)'|^import\s*'(?<bare>[^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'(?<from>[^']+)'\s*\)/g;

function importsOf(path: string, text: string): Import[] {
  const statements = [...text.matchAll(STATEMENT)].map(({ groups = {} }) => ({
    target: targetOf(path, groups['from'] ?? groups['bare'] ?? ''),
    typeOnly: isTypeOnly(groups['what'] ?? ''),
  }));
  const dynamic = [...text.matchAll(DYNAMIC)].map(({ groups = {} }) => ({
    target: targetOf(path, groups['from'] ?? ''),
    typeOnly: false,
  }));
  return [...statements, ...dynamic];
}

function isTypeOnly(what: string): boolean {
  if (/^\s*type\b/.test(what)) return true;
  const names = /^\s*\{(?<names>[^}]*)\}\s*$/.exec(what)?.groups?.['names'];
  const each = names?.split(',').map((name) => name.trim());
  return each?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false;
}

function targetOf(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(ROOT, resolve(ROOT, dirname(path), specifier)).replaceAll('\\', '/');
}

/** Circles of imports, each as the files that it goes through. A type counts: who needs it has to read that file. */
export function circlesOf(sources: readonly Pick<Source, 'path' | 'imports'>[]): string[] {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      found.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** `*` stays in a folder, `**` goes through folders. */
export function matches(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => posix.matchesGlob(path, glob));
}
