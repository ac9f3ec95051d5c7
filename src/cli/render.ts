/** `nodewright render`: the objects of a resource, with no cluster. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { type KindSettingsOptions, readKindSettings } from './kind-settings.ts';
import { readResources } from './resource-files.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE } from './version.ts';

export async function runRender(
  options: KindSettingsOptions & { filename: string; agentImage?: string },
): Promise<number> {
  const resources = await readResources(options.filename);
  const kindOptions = {
    operatorNamespace: DEFAULT_OPERATOR_NAMESPACE,
    agentImage: options.agentImage ?? OWN_IMAGE,
    ...readKindSettings(options),
  };
  const objects = resources.flatMap(({ kind, object }) => {
    const subject = `${object.kind} ${object.metadata.name}`;
    try {
      const made = kind.render(object, kindOptions, new Date(), randomBytes);
      if (made.length === 0)
        process.stderr.write(
          `${subject}: what it makes depends on what is in the cluster; nodewright plan -f FILE shows it\n`,
        );
      return made;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const hint = / does not exist/.test(message) ? '\nrender asks no cluster; nodewright plan -f FILE does' : '';
      throw new Error(`${subject}: ${message}${hint}`);
    }
  });
  process.stdout.write(toYaml(objects));
  return 0;
}

/** YAML that kubectl reads as it is meant: version 1.1 rules decide what is quoted. */
export function toYaml(objects: object[]): string {
  return objects
    .map((object) => stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n');
}
