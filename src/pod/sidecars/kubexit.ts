/** kubexit runs a program, and ends it when another container of the pod has ended. */
import type { Container } from '../schema.ts';
import { variableOf } from './settings.ts';

/**
 * Whether kubexit runs the container's program, and has been told for whose end to wait.
 * @see https://github.com/karlkfi/kubexit#config
 */
export const isEndedByKubexit = (container: Container): boolean =>
  isKubexit(container.command?.[0] ?? container.args?.[0] ?? '') &&
  variableOf(container, 'KUBEXIT_DEATH_DEPS') !== undefined;

// --- internal ---

const isKubexit = (word: string) => word === 'kubexit' || word.endsWith('/kubexit');
