/** All checks, in the order in which they are shown. */
import { type Check, type Finding, groups } from './check.ts';
import { admissionChecks } from './checks/admission.ts';
import { certificateChecks } from './checks/certificate.ts';
import { clusterChecks } from './checks/cluster.ts';
import { imageChecks } from './checks/image.ts';
import { installationChecks } from './checks/installation.ts';
import { networkChecks } from './checks/network.ts';
import { rightChecks } from './checks/rights.ts';
import { serverChecks } from './checks/server.ts';
import { webhookChecks } from './checks/webhook.ts';
import type { Facts } from './facts.ts';

const all: readonly Check[] = [
  ...clusterChecks,
  ...installationChecks,
  ...webhookChecks,
  ...serverChecks,
  ...certificateChecks,
  ...rightChecks,
  ...networkChecks,
  ...admissionChecks,
  ...imageChecks,
];

export const checks: readonly Check[] = groups.flatMap((group) => all.filter((check) => check.group === group));

export type Found = { check: Check; finding: Finding };

/** Does what can be done with what is known. */
export const runChecks = (facts: Facts): Found[] =>
  checks
    .filter(({ when }) => when === 'always' || when === 'node' || (when === 'before') === facts.isBefore)
    .flatMap((check) => {
      const finding = check.find(facts);
      return finding ? [{ check, finding }] : [];
    });
