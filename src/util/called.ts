/** How a reader of advice calls a command of this program. Pure. */

/** `end` becomes `clockout end`, or `kubectl clockout end --context prod`. */
export type Called = (command: string) => string;

export const asClockout: Called = (command) => `clockout ${command}`;

/**
 * @param program `clockout` or `kubectl clockout`
 * @param flags with which the reader has chosen the cluster: the same command without them would act on another
 */
export const createCalled =
  (program: string, { kubeconfig, context, as }: { kubeconfig?: string; context?: string; as?: string }): Called =>
  (command) =>
    [
      program,
      command,
      ...Object.entries({ kubeconfig, context, as }).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name}`, quoted(value)],
      ),
    ].join(' ');

/** For a shell. */
export const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
