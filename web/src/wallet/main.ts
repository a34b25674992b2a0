import { start } from '../kit/frame'
import { isNobody } from '../session.svelte'
import { signInScreen } from './entering'
import Wallet from './Wallet.svelte'
import { keepShell } from './worker'

// Beside what the app starts with, not after it. If it fails, so does the screen, which says so.
const first = isNobody('customer') ? Promise.resolve(signInScreen()).catch(() => undefined) : undefined
await start(Wallet, '/wallet', 'customer', first)
// Afterwards: what it fetches is not to delay the first screen.
keepShell()
