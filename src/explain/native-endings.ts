/** What happens at each way in which an app beside native sidecars can end. Nothing runs around the app, so it is as without sidecars. */

export type NativeEnding = { when: string; result: string };

export const nativeEndings: NativeEnding[] = [
  { when: 'exits with code 0', result: 'Kubernetes ends the sidecars when every app has exited; the pod succeeds' },
  {
    when: 'exits with another code, or is killed',
    result: 'Kubernetes ends the sidecars, and the pod fails; under OnFailure, it starts the app again beside them',
  },
  { when: 'does not start', result: 'as without a sidecar: StartError (128), or the kubelet goes on trying' },
  {
    when: 'is asked to exit (deletion, deadline)',
    result: 'the app gets its stop signal first; the sidecars run until it has exited',
  },
  {
    when: 'has to wait for the proxy',
    result:
      'it starts when the proxy is ready, however long that takes: only activeDeadlineSeconds bounds it under Never',
  },
  {
    when: 'loses the proxy while it runs',
    result: 'Kubernetes starts the proxy again; under OnFailure, that counts against backoffLimit',
  },
];
