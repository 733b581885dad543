/** What the webhooks of a cluster make of a pod, as lines for a terminal: Istio first, then all others, then Clockout. Pure. */
import type { DecidingLabel } from '../../mesh/webhooks.ts';
import { injectLabel } from '../../pod/names.ts';
import { listed, shortened } from '../../util/text.ts';
import { type Brush, line, type Painted } from '../brush.ts';
import type { ClockoutView } from './clockout-view.ts';
import type { SidecarForm } from './expected-sidecar.ts';
import type { MeshView, NamedInjection, SeenWebhook } from './mesh-view.ts';

/** @param namespace of the pod */
export function istioLines(view: MeshView, namespace: string, brush: Brush): string[] {
  const { istio, expected, present } = view;
  const head = brush('bold', 'Istio');
  const prediction = (title: Painted | string) =>
    istio && expected
      ? injectionLines(istio, expected, namespace, title, present === undefined ? '    ' : '      ')
      : [
          line`  ${title}: ${expected ? `${guessWords[expected.sidecar]} (${expected.because})` : 'what a new pod gets is not known'}; the webhooks of the cluster cannot be read`,
        ];
  if (present === undefined) return prediction(head);
  return [line`  ${head}: ${presentWords[present]}`, ...prediction('  a new pod')];
}

/** Only for a Pod. */
export const presentLines = ({ present }: MeshView, brush: Brush): string[] =>
  present === undefined ? [] : [line`  ${brush('bold', 'Istio')}: ${presentWords[present]}`];

export function webhookLines({ webhooks = [] }: MeshView, brush: Brush): string[] {
  if (webhooks.length === 0) return [];
  const rows = webhooks.slice(0, mostWebhooks).map((each, at) => ({
    names: [`${at + 1}`, shortened(each.configuration, 80), shortened(each.webhook, 80)],
    note: describeWebhook(each, at === webhooks.length - 1),
  }));
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map(({ names }) => names[at]?.length ?? 0)));
  return [
    line`  ${brush('bold', 'mutating webhooks')} that see a new pod, in the order of their calls:`,
    ...rows.map(({ names, note }) =>
      line`    ${names.map((name, at) => name.padEnd(widths[at] ?? 0)).join('  ')}  ${note}`.trimEnd(),
    ),
    ...(webhooks.length > rows.length ? [`    and ${webhooks.length - rows.length} more`] : []),
  ];
}

export function clockoutLines({ clockout }: MeshView, namespace: string, brush: Brush): string[] {
  const head = brush('bold', 'Clockout');
  if (!clockout)
    return [
      line`  ${head}: whether it is called for a new pod is not known, because the webhooks of the cluster cannot be read`,
    ];
  const { installed, mode, label, caller } = clockout;
  if (!installed) return [line`  ${head}: is not installed`];
  const which = installationLines(clockout);
  const inMode = mode === undefined ? [] : [`mode ${mode}`];
  if (!caller)
    return [
      line`  ${head}: is not called for a new pod${describeNoCaller(label, namespace)}${inMode.map((text) => ` (${text})`).join('')}`,
      ...which,
    ];
  const { configuration, webhook, failurePolicy, because, isSure, observes } = caller;
  const labels = describeLabels(because, namespace);
  const does = isSure
    ? `is called for a new pod${observes ? ', and only observes it' : ''}${labels && `, because ${labels}`}`
    : `may be called for a new pod; ${unknownLabels}`;
  return [
    line`  ${head}: ${does}`,
    line`    by the webhook ${configuration}, ${webhook} (${[...inMode, `failurePolicy ${failurePolicy}`].join(', ')})`,
    ...which,
  ];
}

// --- internal ---

const presentWords: Record<SidecarForm, string> = {
  classic: 'istio-proxy is in the pod, as a classic sidecar, which does not end when the apps do',
  native: 'istio-proxy is in the pod, as a native sidecar, which Kubernetes ends when the apps have ended',
  none: 'istio-proxy is not in the pod',
};

const guessWords: Record<SidecarForm | 'unknown', string> = {
  classic: 'istio-proxy is probably injected, as a classic sidecar',
  native: 'istio-proxy is probably injected, as a native sidecar',
  none: 'istio-proxy is probably not injected',
  unknown: 'what a new pod gets is not known',
};

const mostWebhooks = 30;

const unknownLabels = 'the labels of its namespace cannot be read';

function injectionLines(
  istio: NamedInjection,
  { sidecar, because }: NonNullable<MeshView['expected']>,
  namespace: string,
  title: Painted | string,
  indent: string,
): string[] {
  if (!istio.injects) return [line`  ${title}: ${describeNoInjection(istio, namespace)}`];
  const { configuration, webhook, revision, tag, also, isSure } = istio;
  const labels = describeLabels(istio.because, namespace);
  const why = labels || 'its webhook asks for no label';
  const which = tag === undefined ? `revision ${revision}` : `tag ${tag}, which is revision ${revision}`;
  const form = sidecar === 'unknown' ? 'whether it is classic or native is not known' : `it is ${sidecar}`;
  return [
    isSure
      ? line`  ${title}: istio-proxy is injected, because ${why}`
      : line`  ${title}: istio-proxy may be injected; ${unknownLabels}`,
    line`${indent}by the webhook ${configuration}, ${webhook} (${which})`,
    line`${indent}${form}: ${because}`,
    ...(also.length > 0
      ? [line`${indent}also called: revision ${listed(also, 5).join(', ')}; only one is to select a pod`]
      : []),
  ];
}

function describeNoInjection(injection: Extract<NamedInjection, { injects: false }>, namespace: string): string {
  const { ambient } = injection;
  const mode = ambient ? `; the pod is in ambient mode, because ${describeLabel(ambient, namespace)}` : '';
  return whyNot(injection, namespace) + mode;
}

function whyNot(injection: Extract<NamedInjection, { injects: false }>, namespace: string): string {
  switch (injection.why) {
    case 'no-istio':
      return "no MutatingWebhookConfiguration of the cluster injects Istio's sidecar";
    case 'not-asked':
      return `istio-proxy is not injected, because neither the namespace ${namespace} nor the pod has a label that asks for it`;
    case 'host-network':
      return "istio-proxy is not injected, because the pod uses the node's network";
    case 'system-namespace':
      return `istio-proxy is not injected, because Istio leaves out the namespace ${namespace}`;
    case 'declined': {
      const { by, isAnnotation } = injection;
      return `istio-proxy is not injected, because ${describeLabel(by, namespace, isAnnotation ? 'annotation' : 'label')}`;
    }
    case 'no-revision': {
      const { by, revisions, nearest } = injection;
      const hint = nearest === undefined ? `there are ${listed(revisions, 5).join(', ')}` : `did you mean ${nearest}?`;
      return `istio-proxy is not injected: ${describeLabel(by, namespace)}, and no webhook is for that revision; ${hint}`;
    }
  }
}

const describeLabel = ({ of, key, value }: DecidingLabel, namespace: string, what = 'label') =>
  `${of === 'pod' ? 'the pod' : `the namespace ${namespace}`} has the ${what} ${key}: ${shortened(value, 100)}`;

const describeLabels = (labels: readonly DecidingLabel[], namespace: string): string =>
  labels.map((label) => describeLabel(label, namespace)).join(', and ');

/** Who it is, and whether it is called at all, or again. */
function describeWebhook({ is, isReinvoked, conditions, isSure }: SeenWebhook, isLast: boolean): string {
  const notes = [
    ...(is === 'istio' ? ['Istio'] : is === 'clockout' ? ['Clockout'] : []),
    ...(isSure ? [] : ['if the labels of the namespace fit']),
    ...(conditions.length > 0 && is === 'other'
      ? [`if its matchConditions hold (${listed(conditions, 3).join(', ')})`]
      : []),
    ...(isReinvoked && !isLast ? ['again if a later one changes the pod'] : []),
  ];
  return notes.map((note) => shortened(note, 200)).join(', ');
}

const installationLines = ({ installation, otherInstallations = [] }: ClockoutView): string[] =>
  installation === undefined
    ? []
    : [
        line`    as the installation ${shortened(installation, 130)} has it; others in this cluster: ${listed(
          otherInstallations,
          5,
        )
          .map((each) => shortened(each, 130))
          .join(', ')}`,
      ];

function describeNoCaller(label: DecidingLabel | undefined, namespace: string): string {
  if (!label) return `: neither the pod nor the namespace ${namespace} has the label ${injectLabel}`;
  const isDeclined = label.value === 'false' || label.value === 'disabled';
  return isDeclined
    ? `, because ${describeLabel(label, namespace)}`
    : `: ${describeLabel(label, namespace)}, but the selectors of its webhooks leave out the pod or its namespace`;
}
