const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random letters and digits; bytes that would make some of them likelier are thrown away. */
function random(length: number): string {
  const limit = 256 - (256 % letters.length);
  let made = "";
  while (made.length < length) for (const byte of crypto.getRandomValues(new Uint8Array(length))) if (byte < limit && made.length < length) made += letters[byte % letters.length];
  return made;
}

export interface CallbackKeys {
  callback_token: string;
  callback_aes_key: string;
}

/** A token and an EncodingAESKey as WeCom's own button makes them. */
export function newCallbackKeys(): CallbackKeys {
  return { callback_token: random(24), callback_aes_key: random(43) };
}
