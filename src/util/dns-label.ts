/** Whether a text can be the name of a namespace. @see https://www.rfc-editor.org/rfc/rfc1123 */
export const isDnsLabel = (text: string): boolean =>
  text.length <= 63 && /^[a-z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-');
