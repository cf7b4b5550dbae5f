/** URIs as documents use them: relative references, and fragments that name a dialog (RFC 3986). */

/** The absolute URI; undefined when the reference is not one. */
export function resolveUri(reference: string, base: string): string | undefined {
  try {
    return new URL(reference.trim(), base).href;
  } catch {
    return undefined;
  }
}

export function withoutFragment(uri: string): string {
  const hash = uri.indexOf("#");
  return hash < 0 ? uri : uri.slice(0, hash);
}

/** The decoded fragment; undefined when there is none or it is empty. */
export function fragmentOf(uri: string): string | undefined {
  const hash = uri.indexOf("#");
  if (hash < 0 || hash === uri.length - 1) return undefined;
  const fragment = uri.slice(hash + 1);
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
