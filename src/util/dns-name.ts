/** Names of objects. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */

/** Whether a text can be the name of a namespace. */
export const isDnsLabel = (text: string): boolean =>
  text.length <= 63 && /^[a-z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-');

/** Whether a text can be the name of most other objects, such as a Secret or a Job. */
export const isDnsSubdomain = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(text);
