//! Two people: what one person may not do alone, over the real products.

use sycee_books::command::{AccountsOpened, BooksKind, NewAccount, OpenAccounts, PostManually};
use sycee_books::{OPEN_ACCOUNTS, POST_MANUALLY, account_id};
use sycee_contract::proposal::{
    Approved, PROPOSAL_SECONDS, Proposal, ProposalState, ProposalTarget, Propose, Proposed,
};
use sycee_contract::{Caller, Command, Role, cell, decode, encode};
use sycee_ledger::LedgerRefusal;
use sycee_money::Currency;
use sycee_party::command::{Freeze, OpenStaff, Opened, SetOwnLimits};
use sycee_party::{
    FREEZE, OPEN_STAFF, OwnLimits, PARTY_FROZEN, PARTY_NOT_FOUND, PARTY_NOT_FOUND as NO_STAFF, SET_OWN_LIMITS,
    STAFF_MAY_NOT, StaffRole, TRANSACTION_LIMIT, WRONG_PARTY_KIND,
};
use sycee_wallet::command::{CashIn, CashMoved, Payee, Send, Sent};
use sycee_wallet::{CASH_IN, SEND};

use crate::bench::{Bench, SECOND_NS, amount, customer, operator};

/// A cell with two people of staff, and two accounts of the books of which the limited one has nothing.
struct Office {
    bench: Bench,
    ann: u64,
    ben: u64,
    keys: u32,
}

impl Office {
    fn new() -> Self {
        let mut bench = Bench::new();
        let mut hire = |index: u8| {
            let body = OpenStaff { person: [index; 16], contact: None, staff_role: StaffRole::Finance };
            bench.done::<Opened>(operator(OPEN_STAFF, &format!("staff-{index}"), &body)).party
        };
        let (ann, ben) = (hire(101), hire(102));
        let account = |kind, sub| NewAccount { sub, kind, currency: Currency::EUR };
        let accounts = vec![account(BooksKind::General, 1), account(BooksKind::Limited, 2)];
        bench.done::<AccountsOpened>(operator(OPEN_ACCOUNTS, "open", &OpenAccounts { accounts }));
        Self { bench, ann, ben, keys: 0 }
    }

    fn as_staff<T: minicbor::Encode<()>>(&mut self, who: u64, code: u16, body: &T) -> Command {
        self.keys += 1;
        let caller = Caller::new(Role::Operator, who);
        Command::new(code, caller, body).with_id(&format!("key-{}", self.keys))
    }

    fn propose<T: minicbor::Encode<()>>(&mut self, who: u64, code: u16, body: &T) -> Result<u64, u16> {
        let propose = Propose { code, body: encode(body), reason: "ticket 17".into() };
        let command = self.as_staff(who, cell::PROPOSE, &propose);
        match self.bench.answer(&command) {
            sycee_contract::Answer::Done(reply) => Ok(decode::<Proposed>(&reply, "reply").unwrap().proposal),
            sycee_contract::Answer::Refused(refusal) => Err(refusal.code),
        }
    }

    fn approve(&mut self, who: u64, proposal: u64) -> Result<Vec<u8>, u16> {
        let command = self.as_staff(who, cell::APPROVE, &ProposalTarget { proposal });
        match self.bench.answer(&command) {
            sycee_contract::Answer::Done(reply) => Ok(decode::<Approved>(&reply, "reply").unwrap().reply),
            sycee_contract::Answer::Refused(refusal) => Err(refusal.code),
        }
    }

    fn proposal(&self, id: u64) -> Proposal {
        decode(&self.bench.memory.rows[&Proposal::key(id)], "proposal").unwrap()
    }

    fn limited_minor(&self) -> i128 {
        self.bench.balance(account_id(BooksKind::Limited, Currency::EUR, 2))
    }
}

/// From the general account to the limited one.
fn posting(minor: u64) -> PostManually {
    PostManually {
        debit: account_id(BooksKind::General, Currency::EUR, 1),
        credit: account_id(BooksKind::Limited, Currency::EUR, 2),
        amount: amount(minor),
    }
}

#[test]
fn a_manual_posting_happens_when_a_second_person_agrees_and_once() {
    let mut office = Office::new();
    let (ann, ben) = (office.ann, office.ben);
    let id = office.propose(ann, POST_MANUALLY, &posting(700)).unwrap();
    assert_eq!(office.limited_minor(), 0, "nothing moves yet");
    assert_eq!(office.approve(ann, id), Err(cell::SAME_PERSON));
    assert_eq!(office.limited_minor(), 0);
    assert_eq!(office.approve(ben, id), Ok(Vec::new()));
    assert_eq!(office.limited_minor(), 700);
    assert_eq!(office.approve(ben, id), Err(cell::PROPOSAL_ENDED));
    assert_eq!(office.limited_minor(), 700);
    let row = office.proposal(id);
    assert_eq!((row.proposer, row.ended_by, row.state), (ann, Some(ben), ProposalState::Approved));
    assert_eq!(row.reason, "ticket 17");
}

#[test]
fn nobody_goes_round_it() {
    let mut office = Office::new();
    let (ann, ben) = (office.ann, office.ben);
    for (who, expected) in [(0, cell::TWO_PEOPLE_NEEDED), (ann, cell::TWO_PEOPLE_NEEDED)] {
        let command = office.as_staff(who, POST_MANUALLY, &posting(1));
        assert_eq!(office.bench.refused(command), expected, "{who}");
    }
    // The operator's machine, a customer's number, a number of nobody.
    let someone = office.bench.open_customer(1, 3);
    assert_eq!(office.propose(0, POST_MANUALLY, &posting(1)), Err(cell::NOT_A_PERSON));
    assert_eq!(office.propose(someone, POST_MANUALLY, &posting(1)), Err(NO_STAFF));
    assert_eq!(office.propose(4_711, POST_MANUALLY, &posting(1)), Err(PARTY_NOT_FOUND));
    let id = office.propose(ann, POST_MANUALLY, &posting(1)).unwrap();
    assert_eq!(office.approve(0, id), Err(cell::NOT_A_PERSON));
    assert_eq!(office.approve(someone, id), Err(NO_STAFF));
    office.bench.done_empty(operator(FREEZE, "freeze", &Freeze { party: ben, reason_code: 1 }));
    assert_eq!(office.approve(ben, id), Err(PARTY_FROZEN));
    assert_eq!(office.limited_minor(), 0);
    // A proposal to approve a proposal, to do what one person may do, and what only customers may.
    let target = ProposalTarget { proposal: id };
    assert_eq!(office.propose(ann, cell::APPROVE, &target), Err(cell::BAD_BODY));
    assert_eq!(office.propose(ann, FREEZE, &Freeze { party: ben, reason_code: 1 }), Err(cell::BAD_BODY));
    assert_eq!(office.propose(ann, SEND, &target), Err(cell::ROLE_FORBIDDEN));
    assert_eq!(office.propose(ann, 0x7fff, &target), Err(cell::UNKNOWN_COMMAND));
    assert_eq!(office.approve(ann, 1), Err(cell::PROPOSAL_UNKNOWN));
}

#[test]
fn what_was_refused_stays_open_and_what_was_rejected_or_is_too_old_does_not_happen() {
    let mut office = Office::new();
    let (ann, ben) = (office.ann, office.ben);
    let back = PostManually { debit: posting(0).credit, credit: posting(0).debit, amount: amount(100) };
    let id = office.propose(ann, POST_MANUALLY, &back).unwrap();
    let not_enough = cell::LEDGER_REFUSAL_BASE + LedgerRefusal::DebitLimit.number();
    assert_eq!(office.approve(ben, id), Err(not_enough), "the limited account has nothing");
    assert_eq!(office.proposal(id).state, ProposalState::Open);
    let paid_in = office.propose(ben, POST_MANUALLY, &posting(100)).unwrap();
    office.approve(ann, paid_in).unwrap();
    office.approve(ben, id).unwrap();
    assert_eq!(office.limited_minor(), 0);

    // A third one is rejected, a fourth is taken back by its proposer, a fifth waits a second too long.
    for who in [ben, ann] {
        let id = office.propose(ann, POST_MANUALLY, &posting(5)).unwrap();
        let reject = office.as_staff(who, cell::REJECT, &ProposalTarget { proposal: id });
        office.bench.done_empty(reject);
        assert_eq!(office.approve(ben, id), Err(cell::PROPOSAL_ENDED));
    }
    let [last, late] = [(); 2].map(|()| office.propose(ann, POST_MANUALLY, &posting(5)).unwrap());
    let (expires_at_ns, step_ns) = (office.proposal(late).expires_at_ns, SECOND_NS);
    assert_eq!(expires_at_ns, office.proposal(late).proposed_at_ns + PROPOSAL_SECONDS * SECOND_NS);
    // The next command is stamped a second after `now_ns`.
    office.bench.now_ns = office.proposal(last).expires_at_ns - 1 - step_ns;
    office.approve(ben, last).unwrap();
    office.bench.now_ns = expires_at_ns - step_ns;
    assert_eq!(office.approve(ben, late), Err(cell::PROPOSAL_ENDED));
    assert_eq!(office.limited_minor(), 5);
}

#[test]
fn a_customers_own_limits_take_the_place_of_the_tiers() {
    let mut office = Office::new();
    let (ann, ben) = (office.ann, office.ben);
    // Tier 1: 50.00 a payment, 100.00 a day.
    let (payer, payee) = (office.bench.open_customer(1, 1), office.bench.open_customer(2, 3));
    let money = |minor| sycee_money::Money::new(amount(minor), Currency::EUR);
    let cash = CashIn { customer: payer, money: money(20_000), bank_reference: "1".into() };
    office.bench.done::<CashMoved>(operator(CASH_IN, "cash", &cash));
    let send = |office: &mut Office, minor, key: &str| {
        let body = Send { payee: Payee::Party(payee), money: money(minor) };
        office.bench.answer(&customer(SEND, payer, key, &body))
    };
    let refused = |answer: sycee_contract::Answer| match answer {
        sycee_contract::Answer::Refused(refusal) => refusal.code,
        sycee_contract::Answer::Done(_) => 0,
    };
    assert_eq!(refused(send(&mut office, 7_000, "a")), TRANSACTION_LIMIT);
    let limits = OwnLimits { transaction: Some(amount(8_000)), ..OwnLimits::default() };
    let of = |party, limits| SetOwnLimits { party, limits };
    let id = office.propose(ann, SET_OWN_LIMITS, &of(payer, Some(limits))).unwrap();
    office.approve(ben, id).unwrap();
    assert!(matches!(send(&mut office, 7_000, "b"), sycee_contract::Answer::Done(_)));
    assert_eq!(refused(send(&mut office, 8_001, "c")), TRANSACTION_LIMIT);
    // The day's limit is still the tier's: 70.00 are gone.
    assert_eq!(refused(send(&mut office, 3_001, "d")), sycee_party::DAY_LIMIT);
    let id = office.propose(ben, SET_OWN_LIMITS, &of(payer, None)).unwrap();
    office.approve(ann, id).unwrap();
    assert_eq!(refused(send(&mut office, 5_001, "e")), TRANSACTION_LIMIT);
    let sent: Sent =
        office.bench.done(customer(SEND, payer, "f", &Send { payee: Payee::Party(payee), money: money(3_000) }));
    assert_eq!(sent.balance_minor, 10_000);
    let id = office.propose(ann, SET_OWN_LIMITS, &of(ben, None)).unwrap();
    assert_eq!(office.approve(ben, id), Err(WRONG_PARTY_KIND));
}

#[test]
fn the_role_of_staff_is_asked_of_both_people() {
    let mut office = Office::new();
    let (ann, ben) = (office.ann, office.ben);
    let mut hire = |index: u8, staff_role| {
        let body = OpenStaff { person: [index; 16], contact: None, staff_role };
        office.bench.done::<Opened>(operator(OPEN_STAFF, &format!("staff-{index}"), &body)).party
    };
    let (cashier, support, admin) =
        (hire(103, StaffRole::Cashier), hire(104, StaffRole::Support), hire(105, StaffRole::Admin));
    let payer = office.bench.open_customer(1, 1);
    let limits = SetOwnLimits { party: payer, limits: None };
    let table = [
        (cashier, Err(STAFF_MAY_NOT), Err(STAFF_MAY_NOT)),
        (support, Err(STAFF_MAY_NOT), Ok(())),
        (ben, Ok(()), Ok(())),
        (admin, Ok(()), Ok(())),
    ];
    for (who, may_post, may_limit) in table {
        assert_eq!(office.propose(who, POST_MANUALLY, &posting(1)).map(drop), may_post, "{who}");
        assert_eq!(office.propose(who, SET_OWN_LIMITS, &limits).map(drop), may_limit, "{who}");
        let posted = office.propose(ann, POST_MANUALLY, &posting(1)).unwrap();
        assert_eq!(office.approve(who, posted).map(drop), may_post, "{who}");
        let limited = office.propose(ann, SET_OWN_LIMITS, &limits).unwrap();
        assert_eq!(office.approve(who, limited).map(drop), may_limit, "{who}");
    }
}
