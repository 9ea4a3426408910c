import { cdklocal } from './cdklocal.ts';

/** npm run destroy:local: nothing of ours is left; the bootstrap stack stays. */
process.exitCode = (await cdklocal('destroy', '--all', '--force')).code;
