/**
 * Headers of proxies on this machine that speak for somebody, or ask for a name, that is not this machine's; and that
 * name more than are read.
 */
export const ofOthers: Record<string, string>[] = [
  { 'x-forwarded-for': '203.0.113.9' },
  { 'x-forwarded-for': '127.0.0.1, 203.0.113.9:40001' },
  { 'x-forwarded-for': Array(33).fill('127.0.0.1').join() },
  { forwarded: Array(33).fill('for=127.0.0.1').join() },
  { 'x-real-ip': '203.0.113.9' },
  { 'x-client-ip': '203.0.113.9' },
  { 'true-client-ip': '203.0.113.9' },
  { 'cf-connecting-ip': '2001:db8::7' },
  { forwarded: 'for=203.0.113.9' },
  { forwarded: 'proto=http;For="[2001:db8::7]:4711"' },
  { forwarded: 'for=127.0.0.1, for=203.0.113.9' },
  { forwarded: 'for=127.0.0.1;host=evil.example' },
  { forwarded: 'for=unknown' },
  { forwarded: 'proto=https' },
  { 'x-forwarded-host': 'evil.example' },
]
