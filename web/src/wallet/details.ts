import { dateText } from '../kit/days'
import { t, type MessageKey } from '../kit/i18n.svelte'
import { amountText, grouped, isolated, timeText } from '../kit/texts'
import { site } from '../site'
import { kindName, signOf, subjectOf, titleOf, type Movement } from './movement'

/** A line of the details. */
export interface Fact {
  name: string
  value: string
  /** A number as it is to be copied. */
  number?: string
}

/** Where the money is now. What is only held is in no history: all that is here has happened. */
export function whereabouts(movement: Movement): string {
  if (movement.direction === 'in') return t('history.whereHere')
  if (movement.kind === 'payment' || movement.kind === 'payment_abroad') return t('history.whereShop')
  if (movement.kind === 'transfer' || movement.kind === 'money_request') return t('history.wherePerson')
  return t(movement.kind === 'cash_out' ? 'history.whereBank' : 'history.whereGone')
}

function partyName(movement: Movement): string {
  if (movement.kind === 'payment' || movement.kind === 'refund' || movement.kind === 'merchant_transfer') return t('receipt.shop')
  return t(movement.direction === 'in' ? 'receipt.from' : 'receipt.to')
}

/** The numbers by which others find it, the one that says most first. */
function numbersOf(movement: Movement): { name: string; number: string }[] {
  const numbers: [MessageKey, string | undefined][] = [
    ['history.tradeNo', movement.trade_no],
    ['history.transfer', movement.transfer],
    ['history.transferNo', movement.transfer_no],
    ['history.abroadNo', movement.payment],
  ]
  return numbers.flatMap(([key, number]) => (number == null ? [] : [{ name: t(key), number }]))
}

/** What others may see of it too. */
function openFacts(movement: Movement): Fact[] {
  const facts: Fact[] = [{ name: t('history.kind'), value: kindName(movement.kind) }]
  const { other_party: party, other_name: name } = movement
  const subject = subjectOf(movement)
  if (subject !== undefined) facts.push({ name: t('receipt.for'), value: subject })
  if (name !== undefined) facts.push({ name: partyName(movement), value: name })
  if (party != null) {
    facts.push({ name: name === undefined ? partyName(movement) : t('send.theirNumber'), value: grouped(party), number: party })
  }
  facts.push({ name: t('receipt.when'), value: timeText(movement.at) })
  facts.push({ name: t('history.day'), value: dateText(movement.day) })
  return [...facts, ...numbersOf(movement).map(({ name: of, number }) => ({ name: of, value: number, number }))]
}

/** All that is known of it, in the order it is shown. */
export function factsOf(movement: Movement): Fact[] {
  return [
    ...openFacts(movement),
    { name: t('history.balanceAfter'), value: amountText(movement.balance_after) },
    { name: t('history.where'), value: whereabouts(movement) },
  ]
}

/**
 * A receipt as plain text, for others: it says nothing of the balance, nor what the customer noted. Numbers are whole, so that they
 * can be copied out of it.
 */
export function receiptText(movement: Movement): string {
  const lines = [
    ...(site.sandbox ? [t('app.testMode')] : []),
    `${t('history.receipt')}: ${isolated(titleOf(movement))}`,
    `${t(movement.direction === 'in' ? 'history.in' : 'history.out')}: ${isolated(signOf(movement) + amountText(movement.money))}`,
    ...openFacts(movement).map(({ name, value, number }) => `${name}: ${isolated(number ?? value)}`),
  ]
  return lines.join('\n')
}

/** Something that a movement leads to. */
export interface Way {
  label: string
  path: string
}

/** What can be done the same once more, with the amount offered. A shop names its own price, so nothing is offered for one. */
export function againOf(movement: Movement): Way | undefined {
  const { kind, direction, other_party: party, money } = movement
  if (party == null || (kind !== 'transfer' && kind !== 'money_request')) return undefined
  if (direction === 'out') return { label: t('history.sendAgain'), path: `/send/${party}/${money.minor}` }
  return kind === 'money_request' ? { label: t('history.askAgain'), path: `/ask/${party}/${money.minor}` } : undefined
}

/** A piece of advice, and where it can be followed. */
export interface Advice {
  title: string
  text: string
  /** What to tell whoever is asked. */
  reference?: string
  way?: Way
}

const AT_SHOP = new Set<Movement['kind']>(['payment', 'payment_abroad', 'refund', 'refund_abroad', 'merchant_transfer'])

/** What to do when something is wrong with it, the likeliest first. */
export function helpOf(movement: Movement): Advice[] {
  const { kind, direction, other_party: party, money } = movement
  const reference = numbersOf(movement)[0]?.number
  const withReference = reference === undefined ? {} : { reference }
  const advice: Advice[] = []
  if (AT_SHOP.has(kind)) {
    advice.push({
      title: t(direction === 'out' ? 'history.helpShop' : 'history.helpRefund'),
      text: t(direction === 'out' ? 'history.helpShopText' : 'history.helpRefundText'), ...withReference,
    })
  } else if (kind === 'transfer' || kind === 'money_request') {
    const way = party == null ? {} : {
      way: direction === 'out'
        ? { label: t('history.askBack'), path: `/ask/${party}/${money.minor}` }
        : { label: t('history.sendBack'), path: `/send/${party}/${money.minor}` },
    }
    advice.push({
      title: t(direction === 'out' ? 'history.helpWrong' : 'history.helpUnknown'),
      text: t(direction === 'out' ? 'history.helpWrongText' : 'history.helpUnknownText'), ...way,
    })
  } else advice.push({ title: t('history.helpOther'), text: t('history.helpOtherText'), ...withReference })
  if (direction === 'out') {
    advice.push({
      title: t('history.helpNotMine'), text: t('history.helpNotMineText'), ...withReference,
      way: { label: t('devices.title'), path: '/devices' },
    })
  }
  return advice
}

/** What happened to the same money, the oldest first. */
export interface Step {
  label: string
  at: string
  movement: Movement
}

/** `others`: movements among which there may be those that belong to it, such as refunds of a payment. */
export function timelineOf(movement: Movement, others: Movement[]): Step[] {
  const belongs = ({ movement: id, trade_no, payment }: Movement) => id !== movement.movement
    && ((trade_no != null && trade_no === movement.trade_no) || (payment != null && payment === movement.payment))
  return [movement, ...others.filter(belongs)]
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .map(step => ({ label: kindName(step.kind), at: timeText(step.at), movement: step }))
}
