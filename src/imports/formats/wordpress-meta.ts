/**
 * The names that are true in a PHP array in serialized form, such as `a:1:{s:6:"editor";b:1;}`. They are found by their
 * pattern: nothing is unserialized.
 */
export function readSerializedNames(serialized: string): string[] {
  return [...serialized.matchAll(/s:\d{1,4}:"([\w -]{1,64})";b:1;/g)].map(([, name = '']) => name)
}

/** The texts of a PHP list in serialized form, such as `a:1:{i:0;s:15:"Two_Factor_Totp";}`. */
export function readSerializedTexts(serialized: string): string[] {
  return [...serialized.matchAll(/i:\d{1,4};s:\d{1,4}:"([\w\\ -]{1,128})";/g)].map(([, text = '']) => text)
}
