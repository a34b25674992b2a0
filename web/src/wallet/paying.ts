/** The screens with which money is paid, sent and asked for: one file, brought when the first of them is opened. */
export { default as AskScreen } from './AskScreen.svelte'
export { default as CodeScreen } from './CodeScreen.svelte'
export { default as NumberScreen } from './NumberScreen.svelte'
export { default as RequestsScreen } from './RequestsScreen.svelte'
export { default as ScanScreen } from './ScanScreen.svelte'
export { default as ScanToAsk } from './ScanToAsk.svelte'
export { default as SendScreen } from './SendScreen.svelte'
