const email = 'ada@example.com'
const id = '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d'
const at = '2026-02-03T14:30:00.000Z'

/** Somebody whose address is confirmed. */
export const user = {
  id,
  aud: 'authenticated',
  role: 'authenticated',
  email,
  phone: '',
  email_confirmed_at: at,
  confirmed_at: at,
  last_sign_in_at: at,
  app_metadata: { provider: 'email', providers: ['email'] },
  user_metadata: { name: 'Ada', sub: id, email, email_verified: true, phone_verified: false },
  identities: [
    {
      identity_id: 'c8f6c3f0-33d4-5d8e-8d5b-1c6d4f0b7a52',
      id,
      user_id: id,
      provider: 'email',
      identity_data: { sub: id, email, email_verified: true, phone_verified: false },
      email,
      created_at: at,
      updated_at: at,
      last_sign_in_at: at,
    },
  ],
  created_at: at,
  updated_at: at,
  is_anonymous: false,
}

export const session = {
  access_token: 'eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: 1_770_132_600,
  refresh_token: 'q4Zs0C7mJ2xTz8Rk',
  user,
}

export const factor = {
  id: '019c1f6e-7a11-7d20-8c5e-9b0d2e4f6a81',
  friendly_name: 'Phone',
  factor_type: 'totp',
  status: 'verified',
  created_at: at,
  updated_at: at,
  phone: '',
  last_challenged_at: at,
}
