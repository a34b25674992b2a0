import { language, t } from './i18n.svelte'

/** The calendar day of an instant on this device, yyyy-mm-dd. */
export function dayHere(instant: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`
}

/** The day that is `days` later, or earlier. */
export function dayAfter(day: string, days: number): string {
  const noon = new Date(`${day}T12:00:00Z`)
  noon.setUTCDate(noon.getUTCDate() + days)
  return noon.toISOString().slice(0, 10)
}

/** Whether `text` is a day that a calendar has. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && dayAfter(text, 0) === text
}

/** A day in words. */
export function dayName(day: string, today: string): string {
  if (day === today) return t('history.today')
  if (day === dayAfter(today, -1)) return t('history.yesterday')
  return dateText(day)
}

export function dateText(day: string): string {
  const format = new Intl.DateTimeFormat(language.locale, {
    weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC', numberingSystem: 'latn',
  })
  return format.format(new Date(`${day}T12:00:00Z`))
}

/** The time of day of an instant as the user's clock says it. */
export function clockText(instant: string): string {
  return new Intl.DateTimeFormat(language.locale, { timeStyle: 'short', numberingSystem: 'latn' }).format(new Date(instant))
}

/** In the order they come in, a group for each run of one day. */
export function groupedByDay<Item extends { day: string }>(items: Item[]): { day: string; items: Item[] }[] {
  const groups: { day: string; items: Item[] }[] = []
  for (const item of items) {
    const last = groups.at(-1)
    if (last?.day === item.day) last.items.push(item)
    else groups.push({ day: item.day, items: [item] })
  }
  return groups
}
