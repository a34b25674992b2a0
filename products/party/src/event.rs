//! What subscribers are told of parties: freezes and KYC tiers. Why somebody was frozen is the operator's and is not told.

use minicbor::{Decode, Encode};
use sycee_contract::{Event, EventDescriptor, EventField, EventFieldKind, EventValue, Stop, Telling, decode};

/// The event that a party was frozen: body [`PartyNamed`].
pub const EVENT_PARTY_FROZEN: u16 = 0x0101;
/// The event that a freeze has ended: body [`PartyNamed`].
pub const EVENT_PARTY_UNFROZEN: u16 = 0x0102;
/// The event that a customer has another KYC tier: body [`PartyNamed`].
pub const EVENT_KYC_TIER_CHANGED: u16 = 0x0103;

/// The body of all of them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PartyNamed {
    /// The party.
    #[n(0)]
    pub party: u64,
    /// The rank of its new KYC tier, for [`EVENT_KYC_TIER_CHANGED`].
    #[n(1)]
    pub kyc_rank: Option<u16>,
}

const PARTY: EventField = EventField::new("party", EventFieldKind::Party, "the party");

pub(crate) static EVENTS: &[EventDescriptor] = &[
    EventDescriptor {
        kind: EVENT_PARTY_FROZEN,
        name: "party_frozen",
        meaning: "A party was frozen: new requests that move its money are refused, what is owed is still booked.",
        fields: &[PARTY],
        tell,
    },
    EventDescriptor {
        kind: EVENT_PARTY_UNFROZEN,
        name: "party_unfrozen",
        meaning: "A party's freeze has ended.",
        fields: &[PARTY],
        tell,
    },
    EventDescriptor {
        kind: EVENT_KYC_TIER_CHANGED,
        name: "kyc_tier_changed",
        meaning: "A customer has another KYC tier, and so other limits.",
        fields: &[PARTY, EventField::optional("kyc_rank", EventFieldKind::Id, "the rank of the new tier")],
        tell,
    },
];

fn tell(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let PartyNamed { party, kyc_rank } = decode(&event.body, "event")?;
    let rank = kyc_rank.map(|rank| EventValue::Id(u64::from(rank)));
    Ok(Telling::to(&[party]).with("party", EventValue::Party(party)).with_some("kyc_rank", rank))
}
