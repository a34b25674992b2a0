import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { languages, ownName, t, useLanguage, type MessageKey } from '../kit/i18n.svelte'
import en from './en'

const folder = import.meta.dirname
const others = readdirSync(folder).map(name => name.replace(/\.ts$/, '')).filter(tag => tag !== 'en' && !tag.includes('.test'))
const members = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()
/** Names of things, and words that are the same in two languages, would be listed here. */
const SAME: Record<string, MessageKey[]> = {}

async function messages(tag: string): Promise<Record<string, string>> {
  return ((await import(join(folder, `${tag}.ts`))) as { default: Record<string, string> }).default
}

describe('the languages', () => {
  it('are the files of the folder', () => {
    expect([...languages].sort()).toEqual(['en', ...others].sort())
    expect(languages.map(ownName)).toContain('اردو')
  })

  it.each(others)('%s says everything that English says, with the same members', async tag => {
    const said = await messages(tag)
    expect(Object.keys(said).sort()).toEqual(Object.keys(en).sort())
    for (const [key, text] of Object.entries(en)) {
      expect(members(said[key] ?? ''), key).toEqual(members(text))
      expect(said[key]?.trim(), key).not.toBe('')
      if (!(SAME[tag] ?? []).includes(key as MessageKey)) expect(said[key], `${key} is not translated`).not.toBe(text)
    }
  })

  it('have no message that no screen shows', () => {
    const source = join(folder, '..')
    const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(svelte|ts)$/.test(name) && !name.startsWith('languages') && !name.includes('.test.'))
      .map(name => readFileSync(join(source, name), 'utf8')).join('\n')
    // `trouble.` and `order.` are also shown by the name of a problem or a standing.
    const unused = Object.keys(en).filter(key => !text.includes(`'${key}'`) && !/^(trouble|order)\./.test(key))
    expect(unused).toEqual([])
  })

  it('isolate what is put into a message', async () => {
    await useLanguage('ur')
    expect(t('pay.now', { amount: 'Rs 5.00' })).toContain('\u2068Rs 5.00\u2069')
    expect([document.documentElement.dir, document.documentElement.lang]).toEqual(['rtl', 'ur'])
    await useLanguage('en')
    expect(document.documentElement.dir).toBe('ltr')
  })
})
