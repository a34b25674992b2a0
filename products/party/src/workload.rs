//! Load: customers and staff that come and go, with a model of who has which contact.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sycee_contract::{Answer, Caller, Command, Expectation, Random, RefusalCode, WorkItem, Workload, decode};

use crate::command::{ChangeContact, Freeze, OpenCustomer, OpenStaff, Opened, SetKycRank, Unfreeze};
use crate::{
    CHANGE_CONTACT, CONTACT_TAKEN, FREEZE, OPEN_CUSTOMER, OPEN_STAFF, PARTY_NOT_FOUND, SET_KYC_RANK, StaffRole,
    TIER_UNKNOWN, UNFREEZE,
};

/// A rank that no market has.
const NO_RANK: u16 = 60_000;

#[derive(Clone)]
struct Customer {
    number: u64,
    contact: Option<[u8; 32]>,
}

/// What the next answer tells.
#[derive(Clone, Default)]
enum Awaited {
    #[default]
    Nothing,
    Opened(Option<[u8; 32]>),
}

/// The generator.
#[derive(Default)]
pub(crate) struct Parties {
    customers: Vec<Customer>,
    numbers: Vec<u64>,
    awaited: Awaited,
    problem: Option<String>,
}

impl Workload for Parties {
    fn next(&mut self, random: &mut Random) -> WorkItem {
        self.awaited = Awaited::Nothing;
        let kind = if self.customers.len() < 4 { 0 } else { random.below(10) };
        match kind {
            0 => self.open_customer(random),
            1 => open_staff(random),
            2 => self.take_contact(random),
            3 => refused(random, OPEN_CUSTOMER, &customer(random, None, Some(NO_RANK)), TIER_UNKNOWN),
            4 => {
                self.for_one(random, |party| (SET_KYC_RANK, sycee_contract::encode(&SetKycRank { party, kyc_rank: 1 })))
            }
            5 => self.for_one(random, |party| (FREEZE, sycee_contract::encode(&Freeze { party, reason_code: 7 }))),
            6 => self.for_one(random, |party| (UNFREEZE, sycee_contract::encode(&Unfreeze { party }))),
            7 => refused(random, UNFREEZE, &Unfreeze { party: 1 }, PARTY_NOT_FOUND),
            _ => self.change_contact(random),
        }
    }

    fn learn(&mut self, answer: &Answer) {
        self.problem = None;
        let Awaited::Opened(contact) = core::mem::take(&mut self.awaited) else { return };
        let Answer::Done(reply) = answer else { return };
        match decode::<Opened>(reply, "reply") {
            Ok(Opened { party }) if self.numbers.contains(&party) => {
                self.problem = Some(format!("party {party} was opened twice"));
            }
            Ok(Opened { party }) if crate::cell_of(party).is_none() => {
                self.problem = Some(format!("{party} is not a party's number"));
            }
            Ok(Opened { party }) => {
                self.numbers.push(party);
                self.customers.push(Customer { number: party, contact });
            }
            Err(_) => self.problem = Some("the reply does not decode".to_string()),
        }
    }

    fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

impl Parties {
    fn open_customer(&mut self, random: &mut Random) -> WorkItem {
        let contact = (random.below(4) != 0).then(|| digest(random));
        self.awaited = Awaited::Opened(contact);
        let kyc_rank = (random.below(2) == 0).then_some(1);
        accepted(random, OPEN_CUSTOMER, &customer(random, contact, kyc_rank))
    }

    fn take_contact(&mut self, random: &mut Random) -> WorkItem {
        let taken: Vec<[u8; 32]> = self.customers.iter().filter_map(|customer| customer.contact).collect();
        match random.pick(&taken) {
            Some(contact) => refused(random, OPEN_CUSTOMER, &customer(random, Some(*contact), None), CONTACT_TAKEN),
            None => self.open_customer(random),
        }
    }

    fn change_contact(&mut self, random: &mut Random) -> WorkItem {
        let contact = (random.below(3) != 0).then(|| digest(random));
        let length = u64::try_from(self.customers.len()).unwrap_or(0);
        let index = usize::try_from(random.below(length)).unwrap_or(0);
        let Some(customer) = self.customers.get_mut(index) else { return open_staff(random) };
        customer.contact = contact;
        accepted(random, CHANGE_CONTACT, &ChangeContact { party: customer.number, contact })
    }

    fn for_one(&self, random: &mut Random, body: impl Fn(u64) -> (u16, Vec<u8>)) -> WorkItem {
        let party = random.pick(&self.customers).map_or(0, |customer| customer.number);
        let (code, body) = body(party);
        let command = Command { code, caller: Caller::OPERATOR, id: None, body, timer: None };
        WorkItem { command: command.with_id(&id(random)), expectation: Expectation::Accepted }
    }
}

fn open_staff(random: &mut Random) -> WorkItem {
    let body = OpenStaff { person: handle(random), contact: None, staff_role: StaffRole::Support };
    accepted(random, OPEN_STAFF, &body)
}

fn customer(random: &Random, contact: Option<[u8; 32]>, kyc_rank: Option<u16>) -> OpenCustomer {
    OpenCustomer { person: handle(&mut random.clone()), contact, kyc_rank }
}

fn accepted<T: minicbor::Encode<()>>(random: &mut Random, code: u16, body: &T) -> WorkItem {
    let command = Command::new(code, Caller::OPERATOR, body).with_id(&id(random));
    WorkItem { command, expectation: Expectation::Accepted }
}

fn refused<T: minicbor::Encode<()>>(random: &mut Random, code: u16, body: &T, refusal: RefusalCode) -> WorkItem {
    WorkItem { expectation: Expectation::Refused(refusal), ..accepted(random, code, body) }
}

/// A new idempotency key.
fn id(random: &mut Random) -> String {
    format!("party-{:016x}", random.next_u64())
}

fn handle(random: &mut Random) -> [u8; 16] {
    u128::from(random.next_u64()).to_be_bytes()
}

fn digest(random: &mut Random) -> [u8; 32] {
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(core::iter::repeat_with(|| random.next_u64().to_be_bytes()).flatten()) {
        *to = from;
    }
    digest
}
