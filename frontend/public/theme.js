// Runs before the first paint, as a file of its own so that a strict Content-Security-Policy allows it.
;(function () {
  let choice = 'system'
  try {
    choice = localStorage.getItem('attention-surgery.theme') || 'system'
  } catch {
    // Storage may be refused; the system's choice is a good answer then.
  }
  const dark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()
