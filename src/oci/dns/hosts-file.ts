/** The file that gives names to addresses, such as /etc/hosts. @see https://man7.org/linux/man-pages/man5/hosts.5.html */
import { isIP } from 'node:net';

/** @returns all addresses that a name has there, in their order; the case of letters does not count */
export function findInHostsFile(text: string, name: string): string[] {
  const wanted = name.toLowerCase();
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().toLowerCase().split(/\s+/);
    return isIP(address) > 0 && names.includes(wanted) ? [address] : [];
  });
}
