/** Uses or makes a passkey: the answer of the browser goes into a field of the form, and the form goes to the server. */
const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
  SimpleWebAuthnBrowser

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const { kind, options } = JSON.parse(form.dataset.passkey)
  const start = kind === 'add' ? startRegistration : startAuthentication
  const say = form.querySelector('[role=alert]')

  const finish = async (ceremony) => {
    try {
      form.elements.passkey.value = JSON.stringify(await ceremony)
      form.requestSubmit()
    } catch (error) {
      if (error.name === 'AbortError' || error.code === 'ERROR_CEREMONY_ABORTED') return
      say.hidden = false
      say.textContent = say.dataset.text
    }
  }

  if (!browserSupportsWebAuthn()) continue
  form.hidden = false
  form.querySelector('button').addEventListener('click', (event) => {
    event.preventDefault()
    finish(start({ optionsJSON: options }))
  })
  if (kind === 'sign-in' && (await browserSupportsWebAuthnAutofill())) {
    finish(startAuthentication({ optionsJSON: options, useBrowserAutofill: true }))
  }
}
