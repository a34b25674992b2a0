/** What a customer shows to the cashier. */
export interface Saying {
  scan: string
  paid: string
}

/** In the cashier’s language: more are spoken in shops than the apps are in. Brought when a code or a result is shown. */
export const SAYINGS: Record<string, Saying> = {
  en: { scan: 'Please scan this code', paid: 'Paid' },
  zh: { scan: '请扫描此付款码', paid: '已付款' },
  'zh-Hant': { scan: '請掃描此付款碼', paid: '已付款' },
  th: { scan: 'กรุณาสแกนโค้ดนี้', paid: 'ชำระเงินแล้ว' },
  ur: { scan: 'براہِ کرم یہ کوڈ اسکین کریں', paid: 'ادائیگی ہو گئی' },
  ja: { scan: 'このコードを読み取ってください', paid: '支払い済み' },
  ko: { scan: '이 코드를 스캔해 주세요', paid: '결제 완료' },
  fr: { scan: 'Merci de scanner ce code', paid: 'Payé' },
  de: { scan: 'Bitte scannen Sie diesen Code', paid: 'Bezahlt' },
  it: { scan: 'Scansioni questo codice, per favore', paid: 'Pagato' },
  es: { scan: 'Escanee este código, por favor', paid: 'Pagado' },
  ar: { scan: 'يرجى مسح هذا الرمز', paid: 'تم الدفع' },
  ms: { scan: 'Sila imbas kod ini', paid: 'Telah dibayar' },
  id: { scan: 'Silakan pindai kode ini', paid: 'Sudah dibayar' },
  hi: { scan: 'कृपया यह कोड स्कैन करें', paid: 'भुगतान हो गया' },
  vi: { scan: 'Vui lòng quét mã này', paid: 'Đã thanh toán' },
  tl: { scan: 'Paki-scan po ang code na ito', paid: 'Bayad na' },
}

/** Where a currency is that of one country. What is paid in several of them says nothing of the cashier's language. */
const OF_CURRENCY: Record<string, string> = {
  CNY: 'zh', HKD: 'zh-Hant', MOP: 'zh-Hant', TWD: 'zh-Hant', THB: 'th', PKR: 'ur', JPY: 'ja', KRW: 'ko', MYR: 'ms', IDR: 'id', INR: 'hi',
  VND: 'vi', PHP: 'tl', AED: 'ar', SAR: 'ar', MXN: 'es', GBP: 'en', USD: 'en', AUD: 'en', SGD: 'en',
}

/** A phone that travels takes the time of where it is. Only where people come from afar to: the other zones say nothing. */
const OF_ZONE: Record<string, string> = {
  'Asia/Shanghai': 'zh', 'Asia/Hong_Kong': 'zh-Hant', 'Asia/Macau': 'zh-Hant', 'Asia/Taipei': 'zh-Hant', 'Asia/Bangkok': 'th',
  'Asia/Karachi': 'ur', 'Asia/Tokyo': 'ja', 'Asia/Seoul': 'ko', 'Europe/Paris': 'fr', 'Europe/Berlin': 'de', 'Europe/Vienna': 'de',
  'Europe/Rome': 'it', 'Europe/Madrid': 'es', 'Asia/Dubai': 'ar', 'Asia/Riyadh': 'ar', 'Asia/Kuala_Lumpur': 'ms', 'Asia/Jakarta': 'id',
  'Asia/Kolkata': 'hi', 'Asia/Calcutta': 'hi', 'Asia/Ho_Chi_Minh': 'vi', 'Asia/Saigon': 'vi', 'Asia/Manila': 'tl',
  'Europe/London': 'en', 'America/New_York': 'en', 'Asia/Singapore': 'en', 'Australia/Sydney': 'en',
}

/** What is known of where somebody pays. */
export interface Whereabouts {
  /** Of the shop, where the code has said it. */
  shopCurrency: string | undefined
  zone: string
  /** Of the customer's own market; `cell` is its name, which in Europe is often that of a language. */
  ownCurrency: string | undefined
  cell: string | undefined
}

/** The cashier's language, as far as can be guessed; `undefined` where it cannot. */
export function spokenAt({ shopCurrency, zone, ownCurrency, cell = '' }: Whereabouts): string | undefined {
  const byShop = OF_CURRENCY[shopCurrency ?? ''] ?? OF_ZONE[zone] ?? OF_CURRENCY[ownCurrency ?? '']
  return byShop ?? (Object.hasOwn(SAYINGS, cell) ? cell : undefined)
}

/** What is shown beside the app's own language: the cashier's, English where they are the same or the former is not known. */
export function besideApp(spoken: string | undefined, app: string): string {
  return spoken === undefined || spoken === app ? 'en' : spoken
}
