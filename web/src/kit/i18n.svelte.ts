import en from '../../../languages/app/en.json'
import type counter from '../../../languages/counter/en.json'
import table from '../../../languages/languages.json'

/** A message's name. English says which there are; a test holds the other languages to it. */
export type MessageKey = keyof typeof en | keyof typeof counter

/** The messages of a language that every app brings. */
export type Catalogue = Record<keyof typeof en, string>

/** Those of the counter alone: in the wallet's first script there is no room for them. */
export type CounterCatalogue = Record<keyof typeof counter, string>

type Files<Messages> = Record<string, () => Promise<Messages>>

/** Every file of the folder is a language: adding one is adding a file. */
const files: Files<Catalogue> = import.meta.glob<Catalogue>(['../../../languages/app/*.json', '!../../../languages/app/en.json'], {
  import: 'default',
})

/** What one app says beside it; an app that is the counter adds it before it starts. */
let further: { english: Partial<CounterCatalogue>; files: Files<CounterCatalogue> } = { english: {}, files: {} }

/** What the server's pages know of languages too: their names in themselves, and which way they are read. */
const known: Record<string, { name: string; direction: string }> = table

const STORED = 'sycee.language'

/** Tags of all languages, English first. */
export const languages: string[] = ['en', ...Object.keys(files).map(tagOf)]

function tagOf(file: string): string {
  return file.replace(/^.*\/|\.json$/g, '')
}

/** `locale`: the language as the browser's user writes numbers and dates in it, such as `en-GB`. */
export const language = $state<{
  tag: string
  locale: string
  direction: 'ltr' | 'rtl'
  messages: Catalogue & Partial<CounterCatalogue>
}>({
  tag: 'en', locale: 'en', direction: 'ltr', messages: en,
})

/** Adds the messages of the counter. English comes with the app, as it does for all. */
export function addMessages(english: CounterCatalogue, others: Files<CounterCatalogue>): void {
  further = { english, files: others }
  language.messages = { ...en, ...english }
}

/** A language's name in itself. */
export function ownName(tag: string): string {
  return known[tag]?.name ?? new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
}

/** Takes the user's choice, else the first of the browser's languages that there is. */
export async function startLanguage(): Promise<void> {
  const wanted = [localStorage.getItem(STORED) ?? '', ...navigator.languages]
  const found = wanted.map(tag => tag.split('-')[0] ?? '').find(tag => languages.includes(tag))
  await useLanguage(found ?? 'en')
}

function loader<Messages>(from: Files<Messages>, tag: string): (() => Promise<Messages>) | undefined {
  return Object.entries(from).find(([file]) => tagOf(file) === tag)?.[1]
}

/** Shows everything in `tag` from now on. */
export async function useLanguage(tag: string, isChosen = false): Promise<void> {
  const load = loader(files, tag)
  const [messages, more] = await Promise.all([load?.(), loader(further.files, tag)?.()])
  language.messages = messages === undefined ? { ...en, ...further.english } : { ...messages, ...more }
  language.tag = messages === undefined ? 'en' : tag
  language.locale = navigator.languages.find(locale => locale.split('-')[0] === language.tag) ?? language.tag
  language.direction = known[language.tag]?.direction === 'rtl' ? 'rtl' : 'ltr'
  document.documentElement.lang = language.tag
  document.documentElement.dir = language.direction
  if (isChosen) localStorage.setItem(STORED, tag)
}

/** First strong isolate and its end: what is put into a message never changes the direction of the words around it. */
const ISOLATE = String.fromCharCode(0x2068)
const END = String.fromCharCode(0x2069)

/** The message `key`, `{name}` replaced by what `values` has for it. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return (language.messages[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => `${ISOLATE}${values[name] ?? ''}${END}`)
}

/** Whether `text` is the name of a message. */
export function isMessage(text: string): text is MessageKey {
  return Object.hasOwn(en, text)
}
