/** The clients of the benchmark and their secrets, which are for this and nothing else. */
export interface BenchClient {
  id: string
  secret: string
  idTokenAlgorithm: 'ES256' | 'RS256'
}

export const redirectUri = 'https://app.bench.example/callback'

export const es256Client: BenchClient = {
  id: 'bench-es256',
  secret: 'of-the-benchmark-and-of-nothing-else-es256',
  idTokenAlgorithm: 'ES256',
}

export const rs256Client: BenchClient = {
  id: 'bench-rs256',
  secret: 'of-the-benchmark-and-of-nothing-else-rs256',
  idTokenAlgorithm: 'RS256',
}

export const benchClients = [es256Client, rs256Client]

/** Where both servers answer. */
export const paths = {
  authorize: '/oidc/authorize',
  token: '/oidc/token',
  userinfo: '/oidc/userinfo',
  introspect: '/oidc/introspect',
}
