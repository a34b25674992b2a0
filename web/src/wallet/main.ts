import { start } from '../kit/frame'
import { isNobody } from '../session.svelte'
import Wallet from './Wallet.svelte'
import { keepShell } from './worker'

// Beside what the app starts with, not after it. If it fails, so does the screen, which says so.
if (isNobody('customer')) import('./SignInScreen.svelte').catch(() => undefined)
await start(Wallet, '/wallet', 'customer')
// Afterwards: what it fetches is not to delay the first screen.
keepShell()
