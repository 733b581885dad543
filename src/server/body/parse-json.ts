import type { FastifyBodyParser, FastifyRequest } from 'fastify';

/**
 * Creates a parser that is fast for ordinary bodies.
 * @param careful Fastify's parser: it refuses keys that change prototypes, and says what is wrong with a body
 * @returns a function that returns the value of a body, at once or as a promise; it fails with an error to answer with
 */
export function createJsonParser(
  careful: FastifyBodyParser<string>,
): (request: FastifyRequest, json: string) => unknown {
  return (request, json) => {
    // The careful parser's search takes a fifth of the time of parsing, and few bodies have such a key.
    if (!suspicious.test(json)) {
      try {
        return JSON.parse(json);
      } catch {
        // The careful parser says what is wrong.
      }
    }
    return new Promise((resolve, reject) => {
      void careful(request, json, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
}

// --- internal ---

/** A body without any of these has no key `__proto__` or `constructor`. A letter of a key may be written as `\u005f`. */
const suspicious = /__proto__|constructor|\\u00/;
