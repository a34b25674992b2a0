import { tryOutCells, type TryOutCell } from '../session.svelte'
import { site } from '../site'

/** Where this browser remembers the market of the last sign-in. */
export const MARKET = 'sycee.market'

/** The markets of a sandbox, and the one that is chosen. Outside a sandbox nobody says which ones a server has. */
export class Markets {
  cells = $state<TryOutCell[]>([])
  chosen = $state(localStorage.getItem(MARKET) ?? 'fr')

  async load(): Promise<void> {
    if (!site.sandbox) return
    this.cells = await tryOutCells().catch(() => [])
    if (!this.cells.some(cell => cell.cell === this.chosen)) this.chosen = this.cells[0]?.cell ?? ''
  }
}
