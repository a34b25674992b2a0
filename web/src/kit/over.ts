import { mount, unmount, type Component } from 'svelte'

/** Shows a sheet above whatever the page shows, until it says how it ended. */
export function over<Result>(sheet: Component<{ onend: (result: Result) => void }>): Promise<Result> {
  return new Promise(resolve => {
    function onend(result: Result): void {
      void unmount(shown)
      resolve(result)
    }
    const shown = mount(sheet, { target: document.body, props: { onend } })
  })
}
