import type { CDPSession, Page } from 'playwright-core'

/** A credential as Chromium keeps it. */
interface Credential {
  credentialId: string
  rpId?: string
  signCount: number
  privateKey: string
  userHandle?: string
  isResidentCredential: boolean
}

/** Chromium's virtual authenticator: a platform one that keeps passkeys and sees its owner. */
export interface VirtualAuthenticator {
  /** What it keeps now. */
  credentials(): Promise<Credential[]>
  /** Puts one back, as if it had been copied before. */
  restore(credential: Credential): Promise<void>
  /** Whether it sees its owner from now on. */
  setVerified(isVerified: boolean): Promise<void>
}

/** Has the browser of a page offer no passkeys by itself: the virtual owner would take the first offer at once. */
export async function withoutAutofill(page: Page): Promise<void> {
  await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
}

/** Gives a page such an authenticator, whose owner agrees at once to whatever is asked. */
export async function withAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: true,
      defaultBackupState: true,
    },
  })
  return {
    credentials: async () =>
      (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials as Credential[],
    restore: async (credential) => {
      const { credentialId } = credential
      // It may be gone.
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId }).catch(() => {})
      await session.send('WebAuthn.addCredential', { authenticatorId, credential })
    },
    setVerified: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
  }
}
