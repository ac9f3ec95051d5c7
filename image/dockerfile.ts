import { contents } from './contents.ts';

/** The Dockerfile of our image, to be built with the checkout as context after `npm run build`. */
export function renderDockerfile(debian: string): string {
  const { packages, excludedPaths, user, files, links, entrypoint } = contents;
  const lines = [
    `# Written from contents.ts; to change it, change that and run: npx vitest run image -u`,
    `# Build: npm run build && docker build -f image/Dockerfile -t ${contents.name}:<version> .`,
    `FROM debian:${debian}-slim`,
    `RUN printf '${excludedPaths.map((path) => `path-exclude=${path}\\n`).join('')}' > /etc/dpkg/dpkg.cfg.d/nodewright \\`,
    ` && apt-get update \\`,
    ` && apt-get install -y --no-install-recommends ${packages.join(' ')} \\`,
    ` && rm -rf /var/lib/apt/lists/* \\`,
    ` && groupadd --gid ${user.id} ${user.name} \\`,
    ` && useradd --uid ${user.id} --gid ${user.id} --home-dir / --shell /usr/sbin/nologin ${user.name}`,
    ...files.map(({ from, to, mode }) => `COPY --chmod=${mode} ${from} ${to}`),
    `RUN ${links.map(({ from, to }) => `ln -s ${to} ${from}`).join(' && ')}`,
    `USER ${user.id}:${user.id}`,
    `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
  ];
  return `${lines.join('\n')}\n`;
}
