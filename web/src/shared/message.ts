/** WeCom's limit on the text of one message, in bytes of UTF-8. */
export const textLimit = 4000;

/** WeCom's limit on the title of a link card, in bytes of UTF-8. */
export const cardTitleLimit = 128;

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Whether it looks like the address of a web page; the server looks closer. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text);
}
