import { language } from '../../kit/i18n.svelte'

/** A line of the text that a signature is of (RFC 9421, section 2.5). */
export interface SignedLine {
  component: string
  value: string
  /** The signer seems to have had something else here. */
  differs: boolean
}

/** The text line by line, with the line of the component that differs marked. */
export function signedLines(base: string, component: string | undefined): SignedLine[] {
  return base.split('\n').map(line => {
    const [, name, value] = /^"([^"]*)"[^:]*: ?(.*)$/.exec(line) ?? [undefined, line, '']
    return { component: name ?? '', value: value ?? '', differs: component !== undefined && name === component }
  })
}

/** Fields of a form-encoded text, in their order. */
export function fieldsOf(payload: string): [string, string][] {
  return [...new URLSearchParams(payload)]
}

/** Lines that say something, without the blanks around it. */
export function linesOf(text: string): string[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '')
}

/** How a status of HTTP is coloured. */
export function statusTone(status: number): 'good' | 'wait' | 'bad' {
  if (status >= 500) return 'bad'
  return status >= 400 ? 'wait' : 'good'
}

/** Microseconds as milliseconds with one decimal, as they are compared. */
export function milliseconds(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(1)} ms`
}

/** An instant as the user's clock says it, to the second: what is looked for in a log happened just before something else. */
export function exactTime(instant: string): string {
  const format = new Intl.DateTimeFormat(language.locale, { dateStyle: 'medium', timeStyle: 'medium', numberingSystem: 'latn' })
  return format.format(new Date(instant))
}
