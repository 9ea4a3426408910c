import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands for `@aws-sdk/credential-provider-node` in every bundle: Lambda gives a role's credentials by environment, and
 * the ways that never apply there (profiles, SSO, metadata service …) are a quarter of the heartbeat's code.
 */
export const defaultProvider = () => fromEnv();
