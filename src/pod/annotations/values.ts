/** Strict parsers for the values of annotations. They return undefined for anything but a good value. */
import { parseDuration } from '../../util/duration.ts';
import { isObject } from '../../util/json-object.ts';

export const oneOf =
  <const T extends string>(...words: T[]) =>
  (text: string) =>
    words.find((word) => word === text);

export const flag = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined);

const longest = 7 * 24 * 60 * 60_000;

/** Milliseconds. */
export function duration(text: string): number | undefined {
  const milliseconds = parseDuration(text, ['ms', 's', 'm']);
  return milliseconds <= longest ? milliseconds : undefined;
}

export const durationForm = 'a duration such as 500ms, 30s or 2m, at most 10080m';

export function list(text: string): string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  return names.every((name) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) ? names : undefined;
}

/** The last container to exit starts a process for each. */
export const mostUrls = 10;
/** In UTF-16 code units. URLs of known sidecars have at most 40. Each wrapper has all URLs in its command. */
export const longestUrl = 200;

export const loopbackUrlsForm = `at most ${mostUrls} http URLs of at most ${longestUrl} characters on localhost, 127.0.0.0/8 or [::1], separated by commas`;

/** Only loopback URLs: a pod's author cannot use the wrapper to call other hosts. */
export function loopbackUrls(text: string): string[] | undefined {
  if (text.length > mostUrls * (longestUrl + 10)) return undefined;
  const written = text.split(',').map((url) => url.trim());
  if (written.length > mostUrls || written.some(({ length }) => length > longestUrl)) return undefined;
  // Only plain spellings: a URL parser also makes hosts out of exotic characters and numbers.
  if (!written.every((url) => /^http:\/\/(localhost|127\.[\d.]+|\[::1\])([:/?][!-~]*)?$/.test(url))) return undefined;
  const urls = written.map((url) => (URL.canParse(url) ? new URL(url) : undefined));
  const isLoopback = (url: URL | undefined) =>
    url?.protocol === 'http:' &&
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname) &&
    url.username + url.password === '';
  return urls.every(isLoopback) ? urls.map((url) => `${url?.href}`) : undefined;
}

const isArgv = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value[0] !== '' && value.every((word) => typeof word === 'string');

export function entrypoint(text: string): string[] | Record<string, string[]> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (isArgv(value)) return value;
    return isObject(value) && Object.values(value).every(isArgv) ? (value as Record<string, string[]>) : undefined;
  } catch {
    return undefined;
  }
}
