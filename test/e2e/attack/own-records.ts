/**
 * A TLS client that makes its own records, which no library does: each as small as it likes, many in one write, and of types
 * that an application never sends. AES-128-GCM with SHA-256.
 * @see https://www.rfc-editor.org/rfc/rfc5246#section-6.3 and https://www.rfc-editor.org/rfc/rfc8446#section-7
 */
import { createCipheriv, createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

export type OwnRecords = {
  /** @returns the bytes of a record, to be written in the order in which they were made */
  record: (content: Buffer, type?: number) => Buffer;
  /** TLS 1.3 only. @returns a record that asks for a new key, which the ones after it use */
  keyUpdate: () => Buffer;
  socket: Socket;
};

type Keys = { key: Buffer; iv: Buffer };

const handshake = 22;
const applicationData = 23;

/** @returns undefined where the server does not agree to that version */
export async function openOwn(url: URL, version: 'TLSv1.2' | 'TLSv1.3'): Promise<OwnRecords | undefined> {
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  let serverRandom = Buffer.alloc(0);
  const between = new Duplex({ read() {}, write: (chunk, _encoding, done) => void socket.write(chunk, done) });
  socket.on('data', (data) => {
    // Record header, handshake header and version come before it.
    if (serverRandom.length === 0) serverRandom = data.subarray(11, 43);
    between.push(data);
  });
  const ciphers =
    version === 'TLSv1.2' ? 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256' : 'TLS_AES_128_GCM_SHA256';
  const secure = connectTls({
    socket: between,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ciphers,
  });
  const secrets = new Map<string, string[]>();
  secure.on('keylog', (line) => {
    const [label = '', ...values] = `${line}`.trim().split(' ');
    secrets.set(label, values);
  });
  const isOpen = await new Promise<boolean>((resolve) => {
    secure.once('secureConnect', () => resolve(true));
    for (const end of [secure, socket]) end.on('error', () => resolve(false)).once('close', () => resolve(false));
  });
  if (!isOpen) {
    socket.destroy();
    return undefined;
  }
  return version === 'TLSv1.2'
    ? ownRecords12(socket, keys12(hex(secrets.get('CLIENT_RANDOM')), serverRandom))
    : ownRecords13(socket, hex(secrets.get('CLIENT_TRAFFIC_SECRET_0'))[1] as Buffer);
}

// --- internal ---

const hex = (values: string[] = []) => values.map((value) => Buffer.from(value, 'hex'));

function keys12([clientRandom, master]: Buffer[], serverRandom: Buffer): Keys {
  const hmac = (data: Buffer) =>
    createHmac('sha256', master as Buffer)
      .update(data)
      .digest();
  const seed = Buffer.concat([Buffer.from('key expansion'), serverRandom, clientRandom as Buffer]);
  const first = hmac(seed);
  const second = hmac(first);
  const block = Buffer.concat([hmac(Buffer.concat([first, seed])), hmac(Buffer.concat([second, seed]))]);
  return { key: block.subarray(0, 16), iv: block.subarray(32, 36) };
}

const header = (type: number, length: number) => Buffer.from([type, 3, 3, length >> 8, length & 255]);

function sequence(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(number, 4);
  return bytes;
}

function seal({ key, iv }: Keys, additional: Buffer, content: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, iv);
  cipher.setAAD(additional);
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

function ownRecords12(socket: Socket, { key, iv }: Keys): OwnRecords {
  // The first was that of the end of the handshake.
  let sent = 1;
  const record = (content: Buffer, type = applicationData) => {
    const number = sequence(sent++);
    const additional = Buffer.concat([number, header(type, content.length)]);
    const sealed = seal({ key, iv: Buffer.concat([iv, number]) }, additional, content);
    return Buffer.concat([header(type, 8 + sealed.length), number, sealed]);
  };
  const keyUpdate = () => {
    throw new Error('TLS 1.2 has no key updates');
  };
  return { record, keyUpdate, socket };
}

function ownRecords13(socket: Socket, first: Buffer): OwnRecords {
  const derive = (secret: Buffer, label: string, length: number) => {
    const full = `tls13 ${label}`;
    const info = Buffer.concat([Buffer.from([0, length, full.length]), Buffer.from(full), Buffer.from([0])]);
    return expand(secret, info, length);
  };
  const keysOf = (secret: Buffer): Keys => ({ key: derive(secret, 'key', 16), iv: derive(secret, 'iv', 12) });
  let secret = first;
  let keys = keysOf(secret);
  let sent = 0;
  const record = (content: Buffer, type = applicationData) => {
    const inner = Buffer.concat([content, Buffer.from([type])]);
    const iv = Buffer.from(keys.iv);
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ sent++) >>> 0, 8);
    const outer = header(applicationData, inner.length + 16);
    return Buffer.concat([outer, seal({ ...keys, iv }, outer, inner)]);
  };
  const keyUpdate = () => {
    const update = record(Buffer.from([24, 0, 0, 1, 0]), handshake);
    secret = derive(secret, 'traffic upd', 32);
    keys = keysOf(secret);
    sent = 0;
    return update;
  };
  return { record, keyUpdate, socket };
}

/** The second half of HKDF, for up to one block. */
const expand = (secret: Buffer, info: Buffer, length: number) =>
  createHmac('sha256', secret)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length);
