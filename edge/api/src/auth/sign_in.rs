//! Who signs in, and what a new PIN or password must be.

use std::sync::Arc;

use sycee_engine::vault::{Applicant, Handle, Verdict, judge};
use sycee_engine::{CellHandle, World};
use sycee_party::{ContactOwner, Party, PartyKind};

use crate::operations::{contact, member_contact};
use crate::problem::Problem;
use crate::wire::{self, party_number};

/// The digits of a customer's PIN.
const PIN_DIGITS: usize = 6;
/// The least characters of a password of staff: they can see everybody's data.
const PASSWORD_MIN_CHARACTERS: usize = 12;
const PASSWORD_MAX_CHARACTERS: usize = 100;

/// Somebody who says who they are.
pub(crate) struct Candidate {
    /// Their cell; of somebody unknown, one that counts the attempt.
    pub cell: Arc<CellHandle>,
    /// The party, if there is one.
    pub party: Option<Party>,
    applicant: Applicant,
}

impl Candidate {
    /// Whom `login` names: a party's number, or a phone number in the cell of this name; in the only cell if none is named. The
    /// phone numbers of shops' people are kept apart from those of wallets.
    pub fn find(world: &World, login: &str, cell: Option<&str>, at_shop: bool) -> Result<Self, Problem> {
        let (cell, number) = match party_number(login) {
            Some(number) => {
                let home = sycee_party::cell_of(number).and_then(|cell| world.numbered(cell));
                (home.or(world.cells.first()), home.map(|_| number))
            }
            None => {
                let phone = wire::phone("login", login)?;
                let cell = match (cell, world.cells.as_slice()) {
                    (None, [only]) => only,
                    (None, _) => return Err(Problem::bad_field("cell", "is needed: this server has several")),
                    (Some(name), _) => {
                        world.named(name).ok_or_else(|| Problem::bad_field("cell", "is no cell of this server"))?
                    }
                };
                let contact = if at_shop { member_contact(cell, &phone) } else { contact(cell, &phone) };
                let owner: Option<ContactOwner> = cell.port.get(&ContactOwner::key(contact))?;
                (Some(cell), owner.map(|owner| owner.party))
            }
        };
        let cell = Arc::clone(cell.ok_or_else(|| Problem::bad_field("cell", "is no cell of this server"))?);
        let party = number.map(|number| cell.port.get::<Party>(&Party::key(number))).transpose()?.flatten();
        let party = party.filter(may_sign_in);
        let applicant = match &party {
            Some(party) => Applicant::Party { party: party.number, person: Handle(party.person) },
            None => Applicant::Stranger(cell.vault.digest("sign-in", login.as_bytes())),
        };
        Ok(Self { cell, party, applicant })
    }

    /// The party that this is, if the PIN is right.
    pub async fn judged(self, pin: String, now_ns: u64) -> Result<(Arc<CellHandle>, Party), Problem> {
        match (judge(&self.cell.vault, self.applicant, pin, now_ns).await?, self.party) {
            (Verdict::Right, Some(party)) => Ok((self.cell, party)),
            (Verdict::Right | Verdict::Wrong, _) => Err(Problem::sign_in_failed()),
            (Verdict::Wait { seconds }, _) => Err(Problem::sign_in_later(seconds)),
            (Verdict::Busy, _) => Err(Problem::sign_in_later(1)),
        }
    }
}

/// Whether somebody signs in as this party: merchants ask by their programs and their people, and whoever was dismissed is nobody.
pub(crate) fn may_sign_in(party: &Party) -> bool {
    match party.kind {
        PartyKind::Merchant => false,
        PartyKind::Member => !party.frozen,
        PartyKind::Customer | PartyKind::Staff => true,
    }
}

/// That this may be the new PIN of such a party.
pub(crate) fn check_new(field: &'static str, kind: PartyKind, pin: &str) -> Result<(), Problem> {
    if kind == PartyKind::Staff {
        let length = pin.chars().count();
        return if (PASSWORD_MIN_CHARACTERS..=PASSWORD_MAX_CHARACTERS).contains(&length) {
            Ok(())
        } else {
            Err(Problem::bad_field(field, "has 12 to 100 characters"))
        };
    }
    if pin.len() != PIN_DIGITS || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_field(field, "has six digits"));
    }
    if is_easy(pin) {
        return Err(Problem::bad_field(field, "is easily guessed: neither equal digits nor a row of them"));
    }
    Ok(())
}

/// Six times the same digit, or digits that go up or down by one: the first that anybody tries.
fn is_easy(pin: &str) -> bool {
    let steps: Vec<i16> = pin.as_bytes().windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
    [0, 1, -1].iter().any(|easy| steps.iter().all(|step| step == easy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_pins_are_six_digits_and_not_the_first_that_one_tries() {
        use PartyKind::{Customer, Staff};
        for (kind, pin, good) in [
            (Customer, "739164", true),
            (Customer, "112233", true),
            (Customer, "73916", false),
            (Customer, "7391644", false),
            (Customer, "73916x", false),
            (Customer, "٧٣٩١٦٤", false),
            (Customer, "000000", false),
            (Customer, "123456", false),
            (Customer, "987654", false),
            (Customer, "", false),
            (Staff, "739164", false),
            (Staff, "twelve chars", true),
            (Staff, &"x".repeat(101), false),
        ] {
            assert_eq!(check_new("pin", kind, pin).is_ok(), good, "{pin}");
        }
    }
}
