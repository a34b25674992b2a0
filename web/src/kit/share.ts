/** Hands a text to the device's own sharing, or where there is none to the clipboard. Says which of them took it. */
export async function shareText(text: string): Promise<'shared' | 'copied' | undefined> {
  try {
    if (navigator.share !== undefined) {
      await navigator.share({ text })
      return 'shared'
    }
    return await copyText(text)
  } catch {
    // The user changed their mind, or the browser does not allow it: the text is on the screen.
    return undefined
  }
}

export async function copyText(text: string): Promise<'copied' | undefined> {
  try {
    await navigator.clipboard.writeText(text)
    return 'copied'
  } catch {
    // Not allowed here: it is on the screen and can be selected.
    return undefined
  }
}

/** Saves a text as a file of this device. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  // The browser has begun by then; what is never freed stays in memory until the page ends.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
