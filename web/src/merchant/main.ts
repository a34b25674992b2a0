import { start } from '../kit/frame'
import { addMessages, type CounterCatalogue } from '../kit/i18n.svelte'
import english from '../../../languages/counter/en.json'
import Counter from './Counter.svelte'
import './print.css'

addMessages(english, import.meta.glob<CounterCatalogue>(['../../../languages/counter/*.json', '!../../../languages/counter/en.json'], {
  import: 'default',
}))
await start(Counter, '/merchant', 'merchant')
