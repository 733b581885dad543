/** Bounds how long the client library waits for an answer: it has no option for that, and waits as long as the network does. */
import { type ConfigurationOptions, Observable, type ObservableMiddleware } from '@kubernetes/client-node';

/** For a request for one object. The next request finds what a late answer would have said. */
const timeoutMilliseconds = 5000;

/** Creates the options of one request, which then fails in time. */
export function createTimeout(): ConfigurationOptions<ObservableMiddleware> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const middleware: ObservableMiddleware = {
    pre: (request) => {
      request.setSignal(signal);
      return new Observable(Promise.resolve(request));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
  return { middleware: [middleware], middlewareMergeStrategy: 'append' };
}
