/**
 * What the cluster is built from. Changing a version here rebuilds what depends on it and nothing else. The
 * versions of etcd, Kubernetes, CoreDNS and the snapshot controller are in kube/go.mod, that of the Cosmos SDK in simd/go.mod.
 */
export const versions = {
  /** Named by CometBFT images and by the binary in them. */
  cometbft: 'v0.38.26',
  localPathProvisioner: 'v0.0.30',
  /** Stands in for a kubelet where hundreds of pods only have to be Ready. */
  kwok: 'v0.8.0',
  /** Debian release of the root file system of our own image; its Node.js is the one that runs the operator. */
  debian: 'trixie',
} as const;
