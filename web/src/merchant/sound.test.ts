import { expect, it } from 'vitest'
import { voiceOf } from './sound'

const voices = [
  { lang: 'en-GB', localService: false }, { lang: 'en_US', localService: true }, { lang: 'zh-CN', localService: true },
]

it.each([
  ['en', 'en_US'],
  ['zh', 'zh-CN'],
  ['th', undefined],
  ['e', undefined],
])('a voice of this device says it in %s: %s', (tag, lang) => {
  expect(voiceOf(voices, tag)?.lang).toBe(lang)
})
