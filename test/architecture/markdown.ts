import { posix } from 'node:path';

const LINK = /\]\((?<target>[^)\s]+)\)/g;
const COMMAND = /\bnpm run (?:-s |--silent )?(?<script>[\w:-]+)/g;
/** A file by its name alone, as tables of a folder have it. */
const FILE = /`(?<name>(?:[\w*.-]+\/)*[\w-][\w.-]*\.(?:ts|mjs|py|json|yaml|lock|md))`/g;
const FENCE = /^ *```.*?^ *```/gms;

interface Clone {
  files: readonly string[];
  scripts: readonly string[];
  read(path: string): string;
}

/** What a page names and the clone has not: targets of links, headings, files, scripts. Elsewhere on the web nobody looks. */
export function staleIn(path: string, clone: Clone): string[] {
  const page = clone.read(path);
  const prose = page.replaceAll(FENCE, '');
  const folder = posix.dirname(path);
  const links = named(LINK, prose).filter((target) => !/^[a-z]+:/.test(target) && !leads(target, path, clone));
  const scripts = named(COMMAND, page).filter((script) => !clone.scripts.includes(script));
  const files = named(FILE, prose).filter((name) => !clone.files.some((file) => isNamed(file, name, folder)));
  return [
    ...links.map((target) => `${path}: the link ${target} leads nowhere`),
    ...scripts.map((script) => `${path}: there is no npm run ${script}`),
    ...files.map((name) => `${path}: there is no file ${name}`),
  ];
}

const named = (pattern: RegExp, text: string): string[] =>
  [...text.matchAll(pattern)].flatMap(({ groups }) => Object.values(groups ?? {}));

function leads(target: string, from: string, { files, read }: Clone): boolean {
  const [way = '', heading] = target.split('#');
  const path = way === '' ? from : posix.join(posix.dirname(from), way).replace(/\/$/, '');
  if (heading === undefined) return files.some((file) => file === path || file.startsWith(`${path}/`));
  return files.includes(path) && headingsOf(read(path)).includes(heading);
}

/** As GitHub makes them. */
function headingsOf(page: string): string[] {
  const lines = page.replaceAll(FENCE, '').match(/^#+ .*$/gm) ?? [];
  return lines.map((line) =>
    line
      .replace(/^#+ /, '')
      // Of a link in a heading only its text counts.
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** From the page's folder, from the root, or in a folder below the page's. */
function isNamed(file: string, name: string, folder: string): boolean {
  const near = posix.join(folder, name);
  return file === name || posix.matchesGlob(file, near) || (file.startsWith(`${folder}/`) && file.endsWith(`/${name}`));
}
