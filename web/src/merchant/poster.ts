import { read, type Outcome } from '../api/client'

/** What hangs in a shop. */
export interface ShopCode {
  store: string
  code: string
}

/** "Scan to pay" in languages of markets, by language or language and script. Not messages: the apps are not in all of these. */
const SCAN_TO_PAY: Record<string, string> = {
  de: 'Zum Bezahlen scannen',
  es: 'Escanea para pagar',
  fr: 'Scannez pour payer',
  id: 'Pindai untuk membayar',
  it: 'Inquadra per pagare',
  ja: 'スキャンして支払う',
  ko: '스캔하여 결제',
  pt: 'Escaneie para pagar',
  th: 'สแกนเพื่อจ่าย',
  ur: 'ادائیگی کے لیے سکین کریں',
  vi: 'Quét để thanh toán',
  'zh-Hans': '扫码付款',
  'zh-Hant': '掃碼付款',
}

/** The country that a code of EMVCo's names (field 58 of its merchant-presented form); `undefined` if it is none of those. */
export function countryOf(code: string): string | undefined {
  let at = 0
  while (at + 4 <= code.length) {
    const [id, length] = [code.slice(at, at + 2), Number(code.slice(at + 2, at + 4))]
    if (!/^\d\d$/.test(id) || !Number.isInteger(length)) return undefined
    const value = code.slice(at + 4, at + 4 + length)
    if (id === '58') return /^[A-Z]{2}$/.test(value) ? value : undefined
    at += 4 + length
  }
  return undefined
}

/** "Scan to pay" in the language that most people of a country read, beside the English that stands on every poster. */
export function scanToPay(country: string | undefined): { tag: string; text: string } | undefined {
  if (country === undefined) return undefined
  const { language, script } = new Intl.Locale(`und-${country}`).maximize()
  const tag = [language, `${language}-${script}`].find(one => Object.hasOwn(SCAN_TO_PAY, one))
  return tag === undefined ? undefined : { tag, text: SCAN_TO_PAY[tag] ?? '' }
}

/** The code of the shop's first store. */
export function shopCode(): Promise<Outcome<ShopCode>> {
  return read('/shop-code', {})
}
