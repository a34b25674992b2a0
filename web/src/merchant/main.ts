import { start } from '../kit/frame'
import Counter from './Counter.svelte'

await start(Counter, '/merchant', 'merchant')
