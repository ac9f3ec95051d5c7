import { contents } from './contents.ts';
import { writeDebianSbom } from './debian-sbom.ts';

/** The Dockerfile of our image, to be built with the checkout as context after `npm run build`. */
export function renderDockerfile(debian: string): string {
  const { platforms, packages, node, excludedPaths, includedPaths, user, files, links, entrypoint } = contents;
  const paths = [
    ...excludedPaths.map((path) => `path-exclude=${path}\\n`),
    ...includedPaths.map((path) => `path-include=${path}\\n`),
  ];
  const lines = [
    `# Written from contents.ts; to change it, change that and run: npx vitest run --project unit image -u`,
    `# Build: npm run build && docker build -f image/Dockerfile -t ${contents.name}:<version> .`,
    `# For all platforms: docker buildx build --platform ${platforms.join(',')} -f image/Dockerfile -t ${contents.name}:<version> .`,
    `FROM node:${node.version}-${debian}-slim AS node`,
    `FROM debian:${debian}-slim`,
    `RUN printf '${paths.join('')}' > /etc/dpkg/dpkg.cfg.d/nodewright \\`,
    ` && apt-get update \\`,
    ` && apt-get install -y --no-install-recommends ${[...packages, ...node.libraries].sort().join(' ')} \\`,
    ` && rm -rf /var/lib/apt/lists/* \\`,
    ` && groupadd --gid ${user.id} ${user.name} \\`,
    ` && useradd --uid ${user.id} --gid ${user.id} --home-dir / --shell /usr/sbin/nologin ${user.name}`,
    `COPY --from=node /usr/local/bin/node /usr/local/bin/node`,
    `RUN ${writeDebianSbom}`,
    ...files.map(({ from, to, mode }) => `COPY --chmod=${mode} ${from} ${to}`),
    `RUN ${links.map(({ from, to }) => `ln -s ${to} ${from}`).join(' && ')}`,
    `USER ${user.id}:${user.id}`,
    `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
  ];
  return `${lines.join('\n')}\n`;
}
