/** Which of `spec.chain.versions` is due at a height (spec cosmos §2.8). The list ascends by height; the CRD sees to it. */
import { versionAt } from '../../formats/chain-versions.ts';
import type { CosmosFullNode, Version } from './schema.ts';

/**
 * @param height the block in consensus, 0 when it is not known
 * @returns undefined before the first version: the image of the pod template stays
 */
export function effectiveVersion({ spec }: CosmosFullNode, height: number): Version | undefined {
  return versionAt(spec.chain.versions ?? [], height);
}

/** What `halt-height` in app.toml says: that of the next version which asks for it, else 0; undefined when it is not to be written at all. */
export function haltHeight({ spec }: CosmosFullNode, height: number): number | undefined {
  const versions = spec.chain.versions ?? [];
  if (versions.length === 0) return spec.chain.app?.haltHeight;
  const next = versions.find((version) => version.height > height);
  return next?.setHaltHeight === true ? next.height : 0;
}
