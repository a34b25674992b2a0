//! Money frozen by a code, and all of it paid or released in the steps that follow: nothing else happens meanwhile, so the
//! model's balances are what customers can spend.

use alloc::string::String;

use sycee_contract::{Random, WorkItem};

use super::model::{Awaited, Deal, FrozenMoney};
use super::{Shop, euro, fields, price, refused, unique};
use crate::command::{
    AuthorisationTarget, CANCEL_FREEZE, FREEZE_BY_CODE, FreezeByCode, FreezeFields, PAY_FROM_FREEZE, PayFromFreeze,
    UNFREEZE, Unfreeze,
};
use crate::refusal::{AUTH_CODE_INVALID, AUTHORISATION_AMOUNT_EXCEEDS, AUTHORISATION_CLOSED};

impl Shop {
    pub(super) fn freeze(&mut self, buyer: usize, code_digest: [u8; 32], random: &mut Random) -> WorkItem {
        let merchant = self.model.any_merchant(random);
        let held_minor = price(random);
        let freeze = FreezeFields {
            app: None,
            out_order_no: unique(random),
            out_request_no: unique(random),
            title: String::from("a room"),
            amount: euro(held_minor),
            notify_url: Some(String::from("http://merchant.example/notify")),
        };
        self.awaited = Awaited::Frozen(FrozenMoney { merchant, buyer, id: 0, held_minor });
        let command = self.ask(FREEZE_BY_CODE, merchant, &FreezeByCode { freeze, code_digest });
        self.tolerated(command, AUTH_CODE_INVALID)
    }

    pub(super) fn use_frozen(&mut self, frozen: FrozenMoney, random: &mut Random) -> WorkItem {
        let FrozenMoney { merchant, buyer, id, held_minor } = frozen;
        let minor = random.below(held_minor).saturating_add(1);
        let command = match random.below(8) {
            0 => {
                self.awaited = Awaited::FreezeEnded;
                self.ask(CANCEL_FREEZE, merchant, &AuthorisationTarget { id })
            }
            1..=2 => {
                let left = FrozenMoney { held_minor: held_minor.saturating_sub(minor), ..frozen };
                self.awaited = Awaited::Unfrozen(left);
                let out_request_no = unique(random);
                let body =
                    Unfreeze { authorisation: id, out_request_no, amount: euro(minor), remark: None, notify_url: None };
                self.ask(UNFREEZE, merchant, &body)
            }
            3 => {
                // It is refused, and still there.
                let order = fields(&unique(random), held_minor.saturating_add(1), None);
                let body = PayFromFreeze { order, authorisation: id, is_last: true };
                let command = self.ask(PAY_FROM_FREEZE, merchant, &body);
                self.model.frozen = Some(frozen);
                return refused(command, AUTHORISATION_AMOUNT_EXCEEDS);
            }
            other => {
                let is_last = other == 7;
                let left_minor = if is_last { 0 } else { held_minor.saturating_sub(minor) };
                let deal = Deal::new(merchant, buyer, minor);
                self.awaited = Awaited::PaidFromFreeze(deal, FrozenMoney { held_minor: left_minor, ..frozen });
                let order = fields(&unique(random), minor, None);
                self.ask(PAY_FROM_FREEZE, merchant, &PayFromFreeze { order, authorisation: id, is_last })
            }
        };
        self.tolerated(command, AUTHORISATION_CLOSED)
    }
}
