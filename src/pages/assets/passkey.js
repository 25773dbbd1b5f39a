/** Uses or makes a passkey: the answer of the browser goes into a field of the form, and the form goes to the server. */
const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
  SimpleWebAuthnBrowser

/** Tells the browser something of its passkeys, where it listens. */
const signal = (name, details) => window.PublicKeyCredential?.[name]?.(details).catch(() => {})

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const { kind, options, offers, unknown } = JSON.parse(form.dataset.passkey)
  const start = kind === 'add' ? startRegistration : startAuthentication
  const say = form.querySelector('[role=alert]')

  const finish = async (ceremony) => {
    try {
      form.elements.passkey.value = JSON.stringify(await ceremony)
      form.requestSubmit()
    } catch (error) {
      if (error.name === 'AbortError' || error.code === 'ERROR_CEREMONY_ABORTED') return
      say.hidden = false
      say.textContent = error.name === 'InvalidStateError' ? say.dataset.made : say.dataset.text
    }
  }

  if (!browserSupportsWebAuthn()) continue
  form.hidden = false
  for (const hint of document.querySelectorAll('[data-no-passkey]')) hint.hidden = true
  form.querySelector('button').addEventListener('click', (event) => {
    event.preventDefault()
    if (form.reportValidity()) finish(start({ optionsJSON: options }))
  })
  if (unknown) signal('signalUnknownCredential', { rpId: options.rpId, credentialId: unknown })
  if (kind !== 'sign-in') continue
  if (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.())
    await window.cookieStore?.set({
      name: '__Host-manydoors-can-passkey',
      value: '1',
      path: '/',
      sameSite: 'lax',
      expires: Date.now() + 900_000,
    })
  if (offers && (await browserSupportsWebAuthnAutofill()))
    finish(startAuthentication({ optionsJSON: options, useBrowserAutofill: true }))
}

const { known } = document.querySelector('[data-known]')?.dataset ?? {}
if (known) signal('signalAllAcceptedCredentials', JSON.parse(known))
