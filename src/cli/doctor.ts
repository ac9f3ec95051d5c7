/** `nodewright doctor`: what keeps the operator or nodes from working, and how to mend it. */
import { stringify } from 'yaml';
import type { HoprSettings } from '../kinds/hopr-settings.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { type ColourChoice, type Paint, paintFor } from './colour.ts';
import { checkCluster } from './doctor/cluster-version.ts';
import { checkCrds } from './doctor/crds.ts';
import { CHECKS, type CheckName, type Finding, type Level, runCheck } from './doctor/finding.ts';
import { checkHopr } from './doctor/hopr.ts';
import { checkOperators } from './doctor/operators.ts';
import { checkPodAdmission } from './doctor/pod-admission.ts';
import { checkResources, type Examined } from './doctor/resources.ts';
import { checkRights } from './doctor/rights.ts';
import { checkOptionalApis, checkSnapshots, checkStorage } from './doctor/storage.ts';
import { lookAround, type Surroundings } from './doctor/surroundings.ts';
import { checkWebhooks } from './doctor/webhooks.ts';
import type { KindSettingsOptions } from './kind-settings.ts';
import { lookAt, reporterOf } from './plan.ts';
import { VERSION } from './version.ts';

export type DoctorOptions = AccessOptions &
  KindSettingsOptions & {
    namespace?: string;
    operatorNamespace?: string;
    output: 'text' | 'json' | 'yaml';
    color: ColourChoice;
  };

/** What `-o json` prints; see docs/command-line.md. */
export type DoctorReport = {
  apiVersion: 'cli.nodewright.dev/v1';
  kind: 'DoctorReport';
  /** Of this command. */
  version: string;
  server: string;
  clusterVersion: string;
  errors: number;
  warnings: number;
  findings: Finding[];
};

const LOOKS_AT_ONCE = 8;

export async function runDoctor(options: DoctorOptions): Promise<number> {
  const connection = await connectTo(options);
  // Nothing else can be asked if this cannot.
  const clusterVersion = (await connection.kube.serverVersion()).gitVersion;
  const findings = await examine(connection.kube, await lookAround(connection, options), options);
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const report: DoctorReport = {
    apiVersion: 'cli.nodewright.dev/v1',
    kind: 'DoctorReport',
    version: VERSION,
    server: connection.server,
    clusterVersion,
    errors: count('error'),
    warnings: count('warning'),
    findings,
  };
  process.stdout.write(formatReport(report, options.output, paintFor(options.color)));
  return report.errors > 0 ? 1 : 0;
}

async function examine(kube: Kube, around: Surroundings, options: DoctorOptions): Promise<Finding[]> {
  let settings: HoprSettings | undefined;
  const hopr = await runCheck('hopr', async () => {
    const checked = await checkHopr(around, options);
    settings = checked.settings;
    return checked.findings;
  });
  const examined = await lookAtAll(kube, around, settings, options.operatorNamespace);
  const checks: Record<Exclude<CheckName, 'hopr'>, () => Promise<Finding[]>> = {
    cluster: () => checkCluster(kube),
    crds: () => checkCrds(around),
    operator: () => checkOperators(around),
    rights: () => checkRights(around),
    storage: () => checkStorage(around),
    snapshots: () => checkSnapshots(around),
    'optional-apis': () => checkOptionalApis(around),
    webhooks: () => checkWebhooks(around),
    'pod-admission': () => checkPodAdmission(around, examined),
    resources: async () => checkResources(around, examined),
  };
  const found = await Promise.all(CHECKS.map((name) => (name === 'hopr' ? hopr : runCheck(name, checks[name]))));
  return found.flat();
}

async function lookAtAll(
  kube: Kube,
  { resources, operators }: Surroundings,
  hopr: HoprSettings | undefined,
  operatorNamespace: string | undefined,
): Promise<Examined[]> {
  const optionsFor = (object: KubeObject) => {
    const namespace = operatorNamespace ?? reporterOf(object);
    const agentImage = operators.find(({ leaseNamespace }) => leaseNamespace === namespace)?.agentImage;
    return {
      ...(namespace === undefined ? {} : { operatorNamespace: namespace }),
      ...(agentImage === undefined ? {} : { agentImage }),
      ...(hopr === undefined ? {} : { settings: { hopr } }),
    };
  };
  const examined: Examined[] = [];
  for (let begin = 0; begin < resources.length; begin += LOOKS_AT_ONCE) {
    const some = resources.slice(begin, begin + LOOKS_AT_ONCE).map(async ({ kind, object }) => ({
      kind,
      object,
      look: await lookAt(kind, object, kube, optionsFor(object)).catch((error: Error) => error),
    }));
    examined.push(...(await Promise.all(some)));
  }
  return examined;
}

const SIGNS: Record<Level, { sign: string; colour: Parameters<Paint>[0] }> = {
  ok: { sign: 'ok', colour: 'green' },
  info: { sign: 'info', colour: 'dim' },
  warning: { sign: 'warning', colour: 'yellow' },
  error: { sign: 'error', colour: 'red' },
  unknown: { sign: 'unknown', colour: 'cyan' },
};

/** Pure. */
export function formatReport(report: DoctorReport, output: DoctorOptions['output'], paint: Paint): string {
  if (output === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  if (output === 'yaml') return stringify(report, { version: '1.1', lineWidth: 0 });
  const { server, clusterVersion, version, errors, warnings, findings } = report;
  const title = `nodewright ${version} looks at ${server} (Kubernetes ${clusterVersion})\n`;
  const sections = CHECKS.flatMap((check) => {
    const found = findings.filter((finding) => finding.check === check);
    if (found.length === 0) return [];
    return [`\n${paint('bold', check)}\n`, ...found.map((finding) => formatFinding(finding, paint))];
  });
  const plural = (count: number, what: string) => `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
  const sum = `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  const colour = errors > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  return `${title}${sections.join('')}\n${paint(colour, sum)}\n`;
}

function formatFinding({ level, subject, message, fix }: Finding, paint: Paint): string {
  const { sign, colour } = SIGNS[level];
  const about = subject === undefined ? '' : `${subject}: `;
  const line = `  ${paint(colour, sign.padEnd(8))}${about}${message}\n`;
  return level === 'ok' || fix === undefined ? line : `${line}          ${paint('bold', 'fix:')} ${fix}\n`;
}
