import { mount, type Component } from 'svelte'
import './base.css'
import { proveBy } from '../api/client'
import { loadSite } from '../site'
import { resume } from '../session.svelte'
import { startLanguage, t } from './i18n.svelte'
import { startRouter } from './router.svelte'

/**
 * Starts an app: language, what the server says of itself and who is signed in are there before the first screen, and `first`,
 * which is what else that screen waits for.
 */
export async function start(app: Component, folder: string, role: string, first?: Promise<unknown>): Promise<void> {
  const target = document.getElementById('app')
  if (target === null) throw new Error('the page has no place for the app')
  proveBy(() => import('./prove').then(({ prove }) => prove(), () => false))
  const language = startLanguage()
  try {
    await Promise.all([language, loadSite(), first])
    await resume(role)
  } catch {
    await language
    target.append(Object.assign(document.createElement('p'), { textContent: t('app.failed'), role: 'alert' }))
    return
  }
  startRouter(folder)
  mount(app, { target })
}
