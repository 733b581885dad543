/** The port of metrics and probes, which is of the same process. */
import type { Attack } from '../attacks.ts';
import { burst, drip, get, open, tinyRequests } from '../load.ts';

export const operationsAttacks: Attack[] = [
  {
    name: 'metrics port: 5,000 idle connections, 1,000 a second',
    run: ({ metrics, now }) => open({ url: metrics, now, count: 5000, perSecond: 1000 }),
  },
  {
    name: 'metrics port: 2,000 slow headers',
    run: ({ metrics, now }) =>
      open({
        url: metrics,
        now,
        count: 2000,
        perSecond: 500,
        begin: (socket) => {
          socket.write('GET /livez HTTP/1.1\r\n');
          drip(socket, 'a: b\r\n');
        },
      }),
  },
  {
    name: 'metrics port: 3,000 readings of the metrics, 30 at once',
    answers: /^(200|closed)$/,
    run: ({ metrics }) => get(metrics, { times: 3000, atOnce: 30 }),
  },
  {
    name: 'metrics port: 3,000 tiny requests on each of 60 connections, at the same moment',
    run: ({ metrics, now }) => burst({ url: metrics, now, count: 60, text: tinyRequests }),
  },
  {
    name: 'metrics port: bodies nobody asked for, 100 of 5 MB',
    run: ({ metrics, now }) =>
      open({
        url: metrics,
        now,
        count: 100,
        perSecond: 100,
        begin: (socket) => {
          socket.write(
            'POST /livez HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 7000000\r\n\r\n',
          );
          socket.write(Buffer.alloc(5e6, ' '));
          drip(socket, ' ');
        },
      }),
  },
];
