import encodeQR from 'qr'
import { code128, QUIET_MODULES } from './code128'

/** A drawing in modules: one path in a box of this size, quiet zones included. */
export interface Drawing {
  width: number
  height: number
  path: string
}

/** Modules without ink around a QR code, ISO/IEC 18004. */
const QR_QUIET_MODULES = 4

/** A QR code of `text`. */
export function qrDrawing(text: string): Drawing {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QR_QUIET_MODULES })
  const path = rows.map((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`).join('')).join('')
  return { width: rows[0]?.length ?? 0, height: rows.length, path }
}

/** Where each run of true begins, and how long it is. */
function runs(row: boolean[]): [number, number][] {
  const found: [number, number][] = []
  for (const [x, isInk] of row.entries()) {
    const last = found.at(-1)
    if (!isInk) continue
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1
    else found.push([x, 1])
  }
  return found
}

/** A bar code of `digits`, one module high: it is stretched to any height. */
export function barDrawing(digits: string): Drawing {
  let x = QUIET_MODULES
  let path = ''
  for (const [index, width] of code128(digits).entries()) {
    if (index % 2 === 0) path += `M${x} 0h${width}v1h-${width}z`
    x += width
  }
  return { width: x + QUIET_MODULES, height: 1, path }
}
