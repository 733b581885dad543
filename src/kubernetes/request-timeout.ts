/** The client library waits for an answer as long as the network does, and has no option for less. */
import { type ConfigurationOptions, Observable, type ObservableMiddleware } from '@kubernetes/client-node';

/** Of a request for one object. What comes later, the next one finds. */
const requestMilliseconds = 5000;

/** Options of one request, which then ends in time. */
export function bounded(): ConfigurationOptions<ObservableMiddleware> {
  const signal = AbortSignal.timeout(requestMilliseconds);
  const bound: ObservableMiddleware = {
    pre: (request) => {
      request.setSignal(signal);
      return new Observable(Promise.resolve(request));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
  return { middleware: [bound], middlewareMergeStrategy: 'append' };
}
