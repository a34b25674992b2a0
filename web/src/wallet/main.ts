import { start } from '../kit/frame'
import Wallet from './Wallet.svelte'
import { keepShell } from './worker'

await start(Wallet, '/wallet', 'customer')
// Afterwards: what it fetches is not to delay the first screen.
keepShell()
