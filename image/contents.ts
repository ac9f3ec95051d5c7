// What our image holds. The Dockerfile is written from this list, and so is the image that `npm run cluster` makes
// without Docker.

export const contents = {
  name: 'nodewright/nodewright',
  /** Debian packages over the base system: Node.js for us, the rest for the scripts that users give to their nodes. */
  packages: ['ca-certificates', 'curl', 'jq', 'lz4', 'nodejs', 'tar', 'unzip', 'wget', 'xz-utils', 'zstd'],
  /** Documentation and translations, which nobody reads inside a container. */
  excludedPaths: ['/usr/share/doc/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/man/*'],
  user: { name: 'nonroot', id: 65532 },
  /** From the checkout to the image. */
  files: [
    { from: 'dist/main.js', to: '/opt/nodewright/main.js', mode: '755' },
    { from: 'dist/agent.js', to: '/opt/nodewright/agent.js', mode: '755' },
    { from: 'dist/symbol-sdk.js', to: '/opt/nodewright/symbol-sdk.js', mode: '644' },
    // Makes Node.js read the two as ES modules.
    { from: 'image/package.json', to: '/opt/nodewright/package.json', mode: '644' },
  ],
  links: [
    { from: '/usr/local/bin/nodewright', to: '/opt/nodewright/main.js' },
    { from: '/usr/local/bin/nodewright-agent', to: '/opt/nodewright/agent.js' },
  ],
  entrypoint: ['nodewright'],
} as const;
