/** Servers for the tests of a file: what one has started is closed after it. */
import { afterEach } from 'vitest';
import { startServer, type TestServer } from './fake-registry.ts';

const closings: (() => Promise<unknown>)[] = [];

export const closeAfterTest = (close: () => Promise<unknown>): void => void closings.push(close);

export async function closeServers(): Promise<void> {
  await Promise.all(closings.splice(0).map((close) => close()));
}

export async function start(...options: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...options);
  closeAfterTest(server.close);
  return server;
}

afterEach(closeServers);
