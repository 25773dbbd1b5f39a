/** What a provider is called here, whatever a system calls it: a person's Google account is the same one everywhere. */
export function providerName(name: string): string {
  return known.get(name) ?? name
}

const known = new Map([
  ['google-oauth2', 'google'],
  ['google.com', 'google'],
  ['facebook.com', 'facebook'],
  ['github.com', 'github'],
  ['twitter.com', 'twitter'],
  ['apple.com', 'apple'],
  ['microsoft.com', 'microsoft'],
  ['windowslive', 'microsoft'],
])
