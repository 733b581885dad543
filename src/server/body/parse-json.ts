import type { FastifyBodyParser, FastifyRequest } from 'fastify';

/**
 * @param careful Fastify's parser: it refuses keys that change prototypes, and says what is wrong with a body
 * @returns a function with the value of a body, at once or as a promise; it fails with an error to answer with
 */
export function jsonParser(careful: FastifyBodyParser<string>): (request: FastifyRequest, json: string) => unknown {
  return (request, json) => {
    // To look for such keys takes a fifth of the time of parsing; few bodies have the letters of one.
    if (!suspicious.some((part) => json.includes(part))) {
      try {
        return JSON.parse(json);
      } catch {
        // The other parser says why.
      }
    }
    return new Promise((resolve, reject) => {
      void careful(request, json, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
}

// --- internal ---

/** Without one of these, no key is `__proto__` or `constructor`: a letter of a key may be written as `\u005f`. */
const suspicious = ['__', 'constructor', '\\u'];
