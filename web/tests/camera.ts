import { writeFileSync } from 'node:fs'
import encodeQR from 'qr'

const WIDTH = 640
const HEIGHT = 480
/** Modules without ink around a code. */
const QUIET_MODULES = 4
/** The same picture again and again: the browser plays the file in a circle. */
const FRAMES = 2

/** Writes what a camera sees that is held before the QR code of `text`, as an uncompressed film (YUV4MPEG2). */
export function holdBefore(file: string, text: string): void {
  const rows = encodeQR(text, 'raw', { border: QUIET_MODULES })
  const pixels = Math.floor((HEIGHT - 40) / rows.length)
  const [left, top] = [WIDTH, HEIGHT].map(side => Math.floor((side - rows.length * pixels) / 2)) as [number, number]
  // A hand and a table around it: neither black nor white.
  const light = Buffer.alloc(WIDTH * HEIGHT, 120)
  for (const [y, row] of rows.entries()) {
    for (const [x, isInk] of row.entries()) {
      for (let line = 0; line < pixels; line += 1) {
        const from = (top + y * pixels + line) * WIDTH + left + x * pixels
        light.fill(isInk ? 16 : 235, from, from + pixels)
      }
    }
  }
  const colours = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, colours])
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420mpeg2\n`)
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]))
}
