/** Says times as the browser does, and shows the page anew once a message has come: not to somebody who is typing. */
for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
}

const { newest } = document.querySelector('main').dataset

setInterval(async () => {
  if (document.hidden || document.activeElement?.matches('input')) return
  // The server may be starting anew.
  const answer = await fetch('/dev/mailbox/newest').catch(() => undefined)
  if (answer?.ok && (await answer.json()).id !== newest) location.reload()
}, 3000)
