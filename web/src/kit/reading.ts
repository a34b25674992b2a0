/** What a code is looked for in: what a camera shows, or a photo. */
export type Picture = HTMLVideoElement | ImageBitmap

/** Looks for a code in a picture; `undefined` if there is none now. */
export type CodeReader = (picture: Picture) => Promise<string | undefined>

interface NativeDetector {
  detect(picture: Picture): Promise<{ rawValue: string }[]>
}

interface NativeDetectors {
  new (options: { formats: string[] }): NativeDetector
  getSupportedFormats(): Promise<string[]>
}

/** The longer side of the picture that is searched, pixels: more takes longer and finds little more. */
const SEARCHED_PIXELS = 640

/** The browser's own reader where it has one, else the QR reader of this package, loaded when it is first needed. */
export async function codeReader(): Promise<CodeReader> {
  const native = (globalThis as { BarcodeDetector?: NativeDetectors }).BarcodeDetector
  const formats = (await native?.getSupportedFormats().catch((): string[] => [])) ?? []
  if (native !== undefined && formats.includes('qr_code')) {
    const detector = new native({ formats: ['qr_code', 'code_128'].filter(format => formats.includes(format)) })
    return async picture => (await detector.detect(picture))[0]?.rawValue
  }
  const { default: decodeQR } = await import('qr/decode.js')
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  if (pen === null) throw new Error('the browser cannot draw')
  return async picture => {
    const [width, height] = 'videoWidth' in picture ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height]
    const scale = SEARCHED_PIXELS / Math.max(width, height)
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    try {
      return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height))
    } catch {
      return undefined // the reader's way to say that it has found none
    }
  }
}
