/** Set when the program is bundled. */
export const VERSION = process.env.NODEWRIGHT_VERSION ?? 'dev';

/** Our own image of this release, under the name that works on any cluster. */
export const OWN_IMAGE = `nodewright/nodewright:${VERSION}`;
export const DEFAULT_OPERATOR_NAMESPACE = 'nodewright-system';
