/**
 * Today in the market. The API does not tell the market's time zone, so it is the device's day; but a day on which money has moved
 * has begun, however late the device is (a sandbox's clock may be moved far ahead).
 */
export function marketToday(deviceDay: string, newestDay: string | undefined): string {
  return newestDay !== undefined && newestDay > deviceDay ? newestDay : deviceDay
}
