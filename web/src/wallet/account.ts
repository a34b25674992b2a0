/** The screens of what has been and of the account: one file, brought when the first of them is opened. */
export { default as AddMoneyScreen } from './AddMoneyScreen.svelte'
export { default as DevicesScreen } from './DevicesScreen.svelte'
export { default as HistoryScreen } from './HistoryScreen.svelte'
export { default as LimitsScreen } from './LimitsScreen.svelte'
export { default as MovementSheet } from './MovementSheet.svelte'
export { default as SettingsScreen } from './SettingsScreen.svelte'
