import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { code128 } from './code128'
import { barDrawing, qrDrawing, type Drawing } from './drawing'

// Another program reads what is drawn here.
beforeAll(() => {
  const reader = dirname(createRequire(import.meta.url).resolve('zxing-wasm/reader'))
  const wasm = readFileSync(join(reader, '../../reader/zxing_reader.wasm'))
  const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer
  return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true }) as unknown as Promise<void>
})

/** The path as pixels: `M x y h width` are its runs. */
function painted(drawing: Drawing, scale: number, height: number): ImageData {
  const width = drawing.width * scale
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (const [, x, y, run] of drawing.path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    const rows = drawing.height === 1 ? height : scale
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < Number(run) * scale; column += 1) {
        const at = ((Number(y) * scale + row) * width + Number(x) * scale + column) * 4
        data.fill(0, at, at + 3)
      }
    }
  }
  return { data, width, height, colorSpace: 'srgb' } as ImageData
}

describe('what is drawn', () => {
  it.each(['283362877362179069417', '2833628773621790694178', '250000000000000000', '300123456789012345678901', '12'])(
    'as a bar code is read as %s', async digits => {
      const [found] = await readBarcodes(painted(barDrawing(digits), 3, 120), { formats: ['Code128'] })
      expect(found?.text).toBe(digits)
    },
  )

  it.each(['283362877362179069417', '00020101021226360012org.sycee.fr0116O0700000000001605204599953039785802FR5912Cafe du Port6002fr6304E119'])(
    'as a QR code is read as %s', async text => {
      const drawing = qrDrawing(text)
      const [found] = await readBarcodes(painted(drawing, 4, drawing.height * 4), { formats: ['QRCode'] })
      expect(found?.text).toBe(text)
    },
  )

  // By hand from table 1 and annex A: start C is 105, 12 and 34 are themselves; (105 + 1·12 + 2·34) mod 103 = 82.
  it('begins, ends and is checked as ISO/IEC 15417 says', () => {
    const [start, twelve, thirtyFour, check, stop] = ['211232', '112232', '131123', '121241', '2331112']
    expect(code128('1234').join('')).toBe(`${start}${twelve}${thirtyFour}${check}${stop}`)
    for (const bad of ['', '1', '12a4', '1'.repeat(49)]) expect(() => code128(bad)).toThrow()
  })
})
