/** Shows what is typed into a password field while its button is on. Without a script the button stays hidden. */
for (const button of document.querySelectorAll('button[data-shows]')) {
  const input = document.getElementById(button.dataset.shows)
  button.hidden = false
  button.addEventListener('click', () => {
    const isShown = input.type === 'password'
    input.type = isShown ? 'text' : 'password'
    button.textContent = isShown ? button.dataset.hide : button.dataset.show
    button.setAttribute('aria-pressed', String(isShown))
    input.focus()
  })
}

/** Copies the text of the element that a button names. */
for (const button of document.querySelectorAll('button[data-copies]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copies)
    await navigator.clipboard.writeText(source.value ?? source.innerText)
    button.textContent = button.dataset.done
  })
}
