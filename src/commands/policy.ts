/** `clockout policy`: prints policies of Kubernetes that do what `strategy: native` does, without a server. */
import { InvalidArgumentError, Option } from 'commander';
import { policyLimits } from '../policy/limits.ts';
import { type ApiVersion, apiVersions, createPolicies } from '../policy/policies.ts';
import { renderPolicies } from '../policy/render.ts';
import { type DefineCommand, exitCode } from './command.ts';

type PolicyFlags = { apiVersion: ApiVersion; sidecar: string[] };

export const define: DefineCommand = (command, { io, exitWith }) =>
  command
    .description(
      'Prints MutatingAdmissionPolicies that make sidecars of Job pods native without a server, for Kubernetes 1.36 or newer.',
    )
    .addOption(
      new Option('--api-version <version>', 'API version of the policies: v1 since Kubernetes 1.36, v1beta1 before')
        .choices(apiVersions)
        .default('v1'),
    )
    .addOption(
      new Option('--sidecar <name...>', 'convert sidecars with this container name, too; several are possible')
        .argParser(collectName)
        .default([], 'only istio-proxy'),
    )
    .action(({ apiVersion, sidecar }: PolicyFlags) => {
      io.stdout(renderPolicies(createPolicies({ apiVersion, sidecars: sidecar }), policyLimits));
      exitWith(exitCode.ok);
    });

// --- internal ---

/** The name becomes a part of the policy's name, and of its expressions. */
function collectName(name: string, others: string[]): string[] {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new InvalidArgumentError('expected the name of a container: lowercase letters, digits and "-".');
  }
  return [...others, name];
}
