// What our image holds. The Dockerfile is written from this list, and so is the image that `npm run cluster` makes
// without Docker.

export const contents = {
  name: 'nodewright/nodewright',
  /** What is built, by Docker's names. Nothing in it is compiled for one of them but Debian's packages and Node.js. */
  platforms: ['linux/amd64', 'linux/arm64'],
  /** Debian packages over the base system, for the scripts that users give to their nodes. */
  packages: ['ca-certificates', 'curl', 'jq', 'lz4', 'tar', 'unzip', 'wget', 'xz-utils', 'zstd'],
  /** With Docker: the LTS release, of the official image, and what its program is linked to. Without: Debian's. */
  node: { version: '24', libraries: ['libatomic1', 'libstdc++6'], debianPackage: 'nodejs' },
  /** Documentation and translations, which nobody reads inside a container; licences stay. */
  excludedPaths: ['/usr/share/doc/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/man/*'],
  includedPaths: ['/usr/share/doc/*/copyright'],
  user: { name: 'nonroot', id: 65532 },
  /** From the checkout to the image. */
  files: [
    { from: 'dist/main.js', to: '/opt/nodewright/main.js', mode: '755' },
    { from: 'dist/agent.js', to: '/opt/nodewright/agent.js', mode: '755' },
    { from: 'dist/symbol-sdk.js', to: '/opt/nodewright/symbol-sdk.js', mode: '644' },
    // The page that the operator serves.
    ...['index.html', 'index.js', 'index.css', 'plots.js', 'plots.css', 'icon.svg'].map((name) => ({
      from: `dist/dashboard/${name}`,
      to: `/opt/nodewright/dashboard/${name}`,
      mode: '644',
    })),
    // Makes Node.js read them as ES modules.
    { from: 'image/package.json', to: '/opt/nodewright/package.json', mode: '644' },
    { from: 'LICENSE', to: '/usr/share/doc/nodewright/LICENSE', mode: '644' },
    { from: 'THIRD-PARTY-LICENSES.md', to: '/usr/share/doc/nodewright/THIRD-PARTY-LICENSES.md', mode: '644' },
    // The npm packages inside the programs; Debian's are listed beside it when the image is made.
    { from: 'image/npm.cdx.json', to: '/usr/share/doc/nodewright/npm.cdx.json', mode: '644' },
  ],
  links: [
    { from: '/usr/local/bin/nodewright', to: '/opt/nodewright/main.js' },
    { from: '/usr/local/bin/nodewright-agent', to: '/opt/nodewright/agent.js' },
  ],
  entrypoint: ['nodewright'],
} as const;
