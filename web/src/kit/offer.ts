import { over } from './over'
import PasskeyOffer from './PasskeyOffer.svelte'

/** Offers a passkey to somebody who has just come, if the device can keep one by itself. */
export async function offerPasskey(): Promise<void> {
  if (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()) await over<boolean>(PasskeyOffer)
}
