/** Whether resources of HOPR have an operator that knows how to run them, and whether what it was told exists. */
import { FormatError } from '../../formats/format-error.ts';
import { type HoprSettings, parseHoprSettings } from '../../kinds/hopr-settings.ts';
import type { Kube } from '../../kube/kube.ts';
import type { ConfigMap, KubeObject, Secret } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  INGRESS_CLASSES,
  type ResourceType,
  SECRETS,
  STORAGE_CLASSES,
} from '../../kube/resource-types.ts';
import { type KindSettingsOptions, readKindSettings } from '../kind-settings.ts';
import { type Finding, listSome } from './finding.ts';
import { type InstalledOperator, operatorContainer } from './installed-operator.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

type Found = { where: string; settings: HoprSettings };

/** The settings by the option, or else those that an operator in the cluster has; with what is wrong about them. */
export async function checkHopr(
  { kube, operators, outside, resources }: Surroundings,
  options: KindSettingsOptions,
): Promise<{ findings: Finding[]; settings?: HoprSettings }> {
  const users = resources
    .filter(({ kind }) => kind.isEnabled !== undefined)
    .map(({ object }) => describeObject(object));
  const configured = operators.filter(({ hoprConfig }) => hoprConfig !== undefined);
  const error = (message: string, fix: string, subject?: string): Finding => ({
    ...{ check: 'hopr', level: 'error', message, fix },
    ...(subject === undefined ? {} : { subject }),
  });
  const findings: Finding[] = [];
  if (operators.length > 0 && outside.length === 0 && configured.length === 0 && users.length > 0)
    findings.push(
      error(
        `the operator has no --hopr-config, so it leaves ${listSome(users, 3)} alone`,
        'give it the configuration of the HOPR operator; docs/hopr.md tells how',
      ),
    );
  const found: Found[] = [];
  const { hopr } = readKindSettings(options);
  if (hopr !== undefined) found.push({ where: options.hoprConfig ?? '', settings: hopr });
  for (const operator of configured) {
    const subject = describeObject(operator.deployment);
    try {
      found.push({ where: subject, settings: await readMounted(kube, operator) });
    } catch (failure) {
      if (!(failure instanceof FormatError)) throw failure;
      findings.push(error(failure.message, 'mend the configuration, and restart the operator', subject));
    }
  }
  for (const { where, settings } of found) findings.push(...(await checkSettings(kube, where, settings)));
  const [first] = found;
  return { findings, ...(first === undefined ? {} : { settings: first.settings }) };
}

async function checkSettings(kube: Kube, subject: string, { ingress, persistence }: HoprSettings): Promise<Finding[]> {
  const wanted: [ResourceType, string | undefined, string | undefined, string][] = [
    [INGRESS_CLASSES, undefined, ingress.className, 'ingress.ingress_class_name'],
    [STORAGE_CLASSES, undefined, persistence.storageClassName, 'persistence.storage_class_name'],
    [DEPLOYMENTS, ingress.namespace, ingress.namespace && ingress.deploymentName, 'ingress.deployment_name'],
  ];
  const findings: Finding[] = [];
  for (const [type, namespace, name, field] of wanted) {
    if (name === undefined || (await kube.get(type, { namespace, name })) !== undefined) continue;
    findings.push({
      ...{ check: 'hopr', level: 'error', subject },
      message: `${type.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}, which its HOPR configuration names, does not exist`,
      fix: `make it, or change ${field}`,
    });
  }
  if (findings.length > 0) return findings;
  return [{ check: 'hopr', level: 'ok', subject, message: 'what its HOPR configuration names exists' }];
}

/** The file behind `--hopr-config`, from the volume that it is in. Throws a FormatError when it cannot be found or read. */
async function readMounted(kube: Kube, operator: InstalledOperator): Promise<HoprSettings> {
  const path = operator.hoprConfig ?? '';
  const { namespace, deployment } = operator;
  const mount = (operatorContainer(deployment)?.volumeMounts ?? []).find(
    ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/$/, '')}/`),
  );
  const volume = deployment.spec?.template.spec?.volumes?.find(({ name }) => name === mount?.name);
  const file = mount?.subPath ?? path.slice((mount?.mountPath.replace(/\/$/, '').length ?? 0) + 1);
  const source = volume?.configMap ?? volume?.secret;
  const name = volume?.configMap?.name ?? volume?.secret?.secretName;
  if (source === undefined || name === undefined)
    throw new FormatError(`--hopr-config ${path} is in no ConfigMap or Secret that it mounts`);
  const key = source.items?.find((item) => item.path === file)?.key ?? file;
  const content =
    volume?.configMap === undefined
      ? decode((await kube.get<Secret>(SECRETS, { namespace, name }))?.data?.[key])
      : (await kube.get<ConfigMap & KubeObject>(CONFIG_MAPS, { namespace, name }))?.data?.[key];
  const where = `${volume?.configMap === undefined ? 'Secret' : 'ConfigMap'} ${namespace}/${name}, ${key}`;
  if (content === undefined) throw new FormatError(`${where}, which --hopr-config ${path} reads, does not exist`);
  return parseHoprSettings(content, where);
}

function decode(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}
