import { start } from '../kit/frame'
import Wallet from './Wallet.svelte'

await start(Wallet, '/wallet', 'customer')
