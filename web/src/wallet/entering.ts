import type { Component } from 'svelte'

let here: Component | undefined

/** The screen for signing in: at once if it has been brought, so that nothing stands in its place first. */
export function signInScreen(): Component | Promise<Component> {
  return here ?? import('./SignInScreen.svelte').then(screen => (here = screen.default))
}
