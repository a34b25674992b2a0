import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../../languages/app/en.json'
import counter from '../../../languages/counter/en.json'
import table from '../../../languages/languages.json'
import { languages, ownName, t, useLanguage, type MessageKey } from './i18n.svelte'

const folder = join(import.meta.dirname, '../../../languages')
const source = join(import.meta.dirname, '..')
const others = readdirSync(join(folder, 'app')).map(name => name.replace(/\.json$/, '')).filter(tag => tag !== 'en')
const members = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()
/** Names of things, and words that are the same in two languages, would be listed here. */
const SAME: Record<string, MessageKey[]> = {}

/** What every app says, and what the counter says beside it. */
const parts = [{ part: 'app', english: en }, { part: 'counter', english: counter }]

function messages(part: string, tag: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folder, part, `${tag}.json`), 'utf8')) as Record<string, string>
}

describe('the languages', () => {
  it('are the files of the folder', () => {
    expect([...languages].sort()).toEqual(['en', ...others].sort())
    expect(languages.map(ownName)).toContain('اردو')
    // The server's pages read the same table.
    expect(languages.filter(tag => !Object.hasOwn(table, tag))).toEqual([])
  })

  const all = parts.flatMap(part => others.map(tag => ({ ...part, tag })))
  it.each(all)('$tag says everything that English says in $part, with the same members', ({ part, english, tag }) => {
    const said = messages(part, tag)
    expect(Object.keys(said).sort()).toEqual(Object.keys(english).sort())
    for (const [key, text] of Object.entries(english)) {
      expect(members(said[key] ?? ''), key).toEqual(members(text))
      expect(said[key]?.trim(), key).not.toBe('')
      if (!(SAME[tag] ?? []).includes(key as MessageKey)) expect(said[key], `${key} is not translated`).not.toBe(text)
    }
  })

  it('have no message that no screen shows', () => {
    const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(svelte|ts)$/.test(name) && !name.includes('.test.'))
      .map(name => readFileSync(join(source, name), 'utf8')).join('\n')
    // `trouble.` and `order.` are also shown by the name of a problem or a standing.
    const unused = parts.flatMap(({ english }) => Object.keys(english)).filter(key => !text.includes(`'${key}'`) && !/^(trouble|order)\./.test(key))
    expect(unused).toEqual([])
  })

  it('have the counter’s messages only where they are used', () => {
    const shared = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(svelte|ts)$/.test(name) && !name.startsWith('merchant') && !name.includes('.test.'))
      .map(name => readFileSync(join(source, name), 'utf8')).join('\n')
    expect(Object.keys(counter).filter(key => Object.hasOwn(en, key) || shared.includes(`'${key}'`))).toEqual([])
  })

  it('isolate what is put into a message', async () => {
    await useLanguage('ur')
    expect(t('pay.now', { amount: 'Rs 5.00' })).toContain('\u2068Rs 5.00\u2069')
    expect([document.documentElement.dir, document.documentElement.lang]).toEqual(['rtl', 'ur'])
    await useLanguage('en')
    expect(document.documentElement.dir).toBe('ltr')
  })
})
