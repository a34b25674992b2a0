import { describe, expect, it } from 'vitest'
import { fieldsOf, linesOf, milliseconds, signedLines, statusTone } from './reading'

// After the example of RFC 9421, section 2.5.
const BASE = [
  '"@method": POST',
  '"@path": /api/v1/send',
  '"content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
  '"@signature-params": ("@method" "@path" "content-digest");created=1618884473;keyid="k1"',
].join('\n')

describe('the text that is signed', () => {
  it('is read line by line, a colon in a value too', () => {
    expect(signedLines(BASE, undefined)).toEqual([
      { component: '@method', value: 'POST', differs: false },
      { component: '@path', value: '/api/v1/send', differs: false },
      { component: 'content-digest', value: 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:', differs: false },
      { component: '@signature-params', value: '("@method" "@path" "content-digest");created=1618884473;keyid="k1"', differs: false },
    ])
  })

  it.each([
    ['@method', [true, false, false, false]],
    ['@signature-params', [false, false, false, true]],
    ['@authority', [false, false, false, false]],
    [undefined, [false, false, false, false]],
  ])('has the line of %s marked', (component, expected) => {
    expect(signedLines(BASE, component).map(line => line.differs)).toEqual(expected)
  })

  it('keeps what is no line of it', () => {
    expect(signedLines('"@query": ?\nodd', undefined).map(line => [line.component, line.value])).toEqual([['@query', '?'], ['odd', '']])
  })
})

describe('a payload', () => {
  it.each([
    ['a=1&b=2', [['a', '1'], ['b', '2']]],
    ['subject=Two+caf%C3%A9s&sign=a%2Bb%3D', [['subject', 'Two cafés'], ['sign', 'a+b=']]],
    ['', []],
  ])('%s', (payload, expected) => {
    expect(fieldsOf(payload)).toEqual(expected)
  })
})

describe('lines', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    [' a \r\n\n\tb', ['a', 'b']],
  ])('%j', (text, expected) => {
    expect(linesOf(text)).toEqual(expected)
  })
})

describe('figures of a request', () => {
  it.each([[200, 'good'], [304, 'good'], [400, 'wait'], [499, 'wait'], [500, 'bad']])('status %d', (status, expected) => {
    expect(statusTone(status)).toBe(expected)
  })

  it.each([[0, '0.0 ms'], [49, '0.0 ms'], [1_260, '1.3 ms'], [2_000_000, '2000.0 ms']])('%d µs', (took, expected) => {
    expect(milliseconds(took)).toBe(expected)
  })
})
