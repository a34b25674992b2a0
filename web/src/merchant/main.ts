import { start } from '../kit/frame'
import Counter from './Counter.svelte'
import './print.css'

await start(Counter, '/merchant', 'merchant')
