/** Kubernetes' rule for what a container runs, from its manifest and its image. */
import type { Container } from '../pod/schema.ts';

/** ENTRYPOINT, CMD and STOPSIGNAL of an image's config. @see https://github.com/opencontainers/image-spec/blob/main/config.md */
export type ImageCommand = { entrypoint: readonly string[]; cmd: readonly string[]; stopSignal?: string };

/**
 * | command | args  | runs |
 * |---------|-------|------|
 * | set     | any   | command + args |
 * | unset   | set   | the image's ENTRYPOINT + args |
 * | unset   | unset | the image's ENTRYPOINT + CMD |
 *
 * An empty list counts as unset. Strings from the image are escaped, and strings from the manifest are not. An image config has
 * a shell form as `["/bin/sh", "-c", …]`.
 * @returns the argv as it must stand in a manifest to run the same; empty if neither says what to run
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 */
export function composeArgv({ command, args }: Pick<Container, 'command' | 'args'>, image?: ImageCommand): string[] {
  if (command?.length) return [...command, ...(args ?? [])];
  const entrypoint = (image?.entrypoint ?? []).map(escapeDollars);
  return args?.length ? [...entrypoint, ...args] : [...entrypoint, ...(image?.cmd ?? []).map(escapeDollars)];
}

/**
 * The kubelet expands `$(NAME)` in a manifest's command and args, and reads `$$` as `$`. It changes nothing in an image's.
 * @see https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
 */
export const escapeDollars = (text: string): string =>
  // Not replaceAll: it takes ten times as long for a text with many of them.
  text.includes('$') ? text.split('$').join('$$') : text;
