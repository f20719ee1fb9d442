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

/** What looks like a placeholder, `{name}` or `｛客户｝`, and is none of those that are replaced: customers would read it as it stands. */
export function placeholders(text: string, replaced: readonly string[] = []): string[] {
  return [...new Set(text.match(/[{｛]\s*[\p{L}\p{N}_.-]{1,40}\s*[}｝]/gu) ?? [])].filter((found) => !replaced.includes(found));
}
