//! Whom an event is shown to: the operator's staff sees its cell's, a party those that concern itself.

use sycee_acquiring::reply::{EVENT_ORDER_CLOSED, EVENT_ORDER_PAID, EVENT_ORDER_REFUNDED};
use sycee_contract::{Caller, Event, Products, Role};
use sycee_party::MemberRole;

use super::view::type_name;
use crate::problem::Problem;

/// The most types that one subscriber may name.
const TYPES_MAX: usize = 64;

/// Which events of a cell somebody wants and may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Selection {
    /// The party that the events must concern; `None` for staff.
    party: Option<u64>,
    /// The kinds that are wanted; `None` for all.
    kinds: Option<Vec<u16>>,
    /// Whether only what a cashier may see is shown: what happens at the till.
    till_only: bool,
}

/// What happens at a till. Of what is new a cashier sees nothing until it is written here.
const AT_THE_TILL: &[u16] = &[EVENT_ORDER_PAID, EVENT_ORDER_REFUNDED, EVENT_ORDER_CLOSED];

impl Selection {
    /// What `caller` may see of the types that are named; of all, if none is.
    ///
    /// # Errors
    /// A problem with `field`: a type that no product has.
    pub fn new<'t>(
        products: &Products,
        caller: Caller,
        field: &'static str,
        types: impl Iterator<Item = &'t str>,
    ) -> Result<Self, Problem> {
        let mut kinds = Vec::new();
        for text in types {
            let known = products.events().find(|event| type_name(products, event) == text);
            let known = known.ok_or_else(|| {
                Problem::bad_field(
                    field,
                    "names a type of event that there is not; x-events in the document lists them",
                )
            })?;
            if kinds.len() >= TYPES_MAX {
                return Err(Problem::bad_field(field, "names more than 64 types"));
            }
            kinds.push(known.kind);
        }
        let party = (caller.role != Role::Operator).then_some(caller.party);
        Ok(Self { party, kinds: (!kinds.is_empty()).then_some(kinds), till_only: false })
    }

    /// The same for one of a merchant's people.
    pub fn for_member(self, role: Option<MemberRole>) -> Self {
        Self { till_only: role == Some(MemberRole::Cashier), ..self }
    }

    /// Whether an event of the cell of this number is wanted and may be seen. One that cannot be read is shown to nobody: whom it
    /// concerns is not known.
    pub fn wants(&self, products: &Products, cell: u16, event: &Event) -> bool {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&event.kind)) {
            return false;
        }
        if self.till_only && !AT_THE_TILL.contains(&event.kind) {
            return false;
        }
        let Some(descriptor) = products.event(event.kind) else { return false };
        match (descriptor.tell)(event, cell) {
            Ok(telling) => self.party.is_none_or(|party| telling.concerns.contains(&party)),
            Err(stop) => {
                tracing::error!(cell, kind = event.kind, "an event does not read: {stop:?}");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sycee_contract::encode;
    use sycee_money::{Amount, Currency, Money};
    use sycee_wallet::event::{EVENT_MONEY_SENT, MoneySent};

    use super::*;

    #[test]
    fn a_party_sees_what_concerns_it_and_staff_sees_all() {
        let products = sycee_registry::products();
        let money = Money::new(Amount::new(5).unwrap(), Currency::EUR);
        let sent = MoneySent { transfer: 1, payer: 11, payee: 12, money, request: None };
        let sent = Event { kind: EVENT_MONEY_SENT, body: encode(&sent) };
        let broken = Event { kind: EVENT_MONEY_SENT, body: vec![0xff] };
        let unknown = Event { kind: 0x7777, body: Vec::new() };
        let table: [(Role, u64, &[&str], &Event, bool); 9] = [
            (Role::Customer, 11, &[], &sent, true),
            (Role::Customer, 12, &[], &sent, true),
            (Role::Customer, 13, &[], &sent, false),
            (Role::Merchant, 1, &[], &sent, false),
            (Role::Operator, 99, &[], &sent, true),
            (Role::Operator, 99, &["wallet.money_sent", "acquiring.order_paid"], &sent, true),
            (Role::Operator, 99, &["acquiring.order_paid"], &sent, false),
            (Role::Operator, 99, &[], &broken, false),
            (Role::Operator, 99, &[], &unknown, false),
        ];
        for (role, party, types, event, expected) in table {
            let caller = Caller::new(role, party);
            let selection = Selection::new(&products, caller, "type", types.iter().copied()).unwrap();
            assert_eq!(selection.wants(&products, 7, event), expected, "{caller:?} {types:?}");
        }
        let caller = Caller::new(Role::Operator, 99);
        for bad in ["money_sent", "wallet.", "", "wallet.money_sent ", "wallet.unheard_of"] {
            let problem = Selection::new(&products, caller, "type", [bad].into_iter()).unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), ("bad_field", Some("type")), "{bad}");
        }
    }
}
