//! What must hold over all books.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding, Key, MarketPack, cell, decode};
use sycee_ledger::{Hold, HoldState, OPERATOR};

use crate::{CONTACT, COUNTED_HOLD, ContactOwner, MEMBERS, Members, PARTY, Party, PartyKind};

pub(crate) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    parties(books, findings);
    contacts(books, findings);
    members(books, findings);
    owners_exist(books, findings);
    counted_holds(books, findings);
}

fn parties(books: &dyn Books, findings: &mut Vec<Finding>) {
    let market = books.row(&MarketPack::key()).and_then(|bytes| decode::<MarketPack>(&bytes, "market").ok());
    books.rows(PARTY, &mut |key, bytes| {
        let Ok(party) = decode::<Party>(bytes, "party") else {
            findings.push(Finding::new("contacts_match_parties", format!("{key:?} does not decode")));
            return;
        };
        let number = party.number;
        if let Some(digest) = party.contact {
            let owner = books.row(&ContactOwner::key(digest));
            let owner = owner.and_then(|bytes| decode::<ContactOwner>(&bytes, "contact").ok());
            if owner != Some(ContactOwner { party: number }) {
                findings.push(Finding::new("contacts_match_parties", format!("the contact of party {number}")));
            }
        }
        let rank = party.kyc_rank;
        let needs_tier = party.kind == PartyKind::Customer || rank != 0;
        if needs_tier && market.as_ref().is_none_or(|market| market.tier(rank).is_none()) {
            findings.push(Finding::new("tiers_exist", format!("party {number} has kyc_rank {rank}")));
        }
    });
}

fn members(books: &dyn Books, findings: &mut Vec<Finding>) {
    const MATCH: &str = "members_match_parties";
    let mut there = BTreeSet::new();
    books.rows(PARTY, &mut |_, bytes| {
        let member = decode::<Party>(bytes, "party").ok().filter(|party| party.kind == PartyKind::Member);
        there.extend(member.map(|member| (member.employer, member.number)));
    });
    books.rows(MEMBERS, &mut |key, bytes| {
        let Ok(listed) = decode::<Members>(bytes, "members") else {
            return findings.push(Finding::new(MATCH, format!("{key:?} does not decode")));
        };
        for number in listed.numbers {
            if !there.remove(&(key.number_at(0), number)) {
                findings
                    .push(Finding::new(MATCH, format!("{key:?} lists {number}, who is not its own or listed twice")));
            }
        }
    });
    for (merchant, number) in there {
        findings.push(Finding::new(MATCH, format!("member {number} is not in the list of {merchant:?}")));
    }
}

fn contacts(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut report = |detail: String| findings.push(Finding::new("contacts_match_parties", detail));
    books.rows(CONTACT, &mut |key, bytes| {
        let Ok(owner) = decode::<ContactOwner>(bytes, "contact") else {
            return report(format!("{key:?} does not decode"));
        };
        let party = books.row(&Party::key(owner.party)).and_then(|bytes| decode::<Party>(&bytes, "party").ok());
        if party.and_then(|party| party.contact).map(ContactOwner::key).as_ref() != Some(key) {
            report(format!("a contact is listed for party {}, who does not have it", owner.party));
        }
    });
}

fn owners_exist(books: &dyn Books, findings: &mut Vec<Finding>) {
    books.accounts(&mut |id, _| {
        if id.owner() != OPERATOR && books.row(&Party::key(id.owner())).is_none() {
            findings.push(Finding::new("owners_exist", format!("{id:?} belongs to no party")));
        }
    });
}

fn counted_holds(books: &dyn Books, findings: &mut Vec<Finding>) {
    books.rows(COUNTED_HOLD, &mut |key, _| {
        let hold = key.number_at(0).unwrap_or_default();
        let row = books.row(&Key::new(cell::HOLD).number(hold));
        let pending = row
            .and_then(|bytes| decode::<Hold>(&bytes, "hold").ok())
            .is_some_and(|hold| hold.state == HoldState::Pending);
        if !pending {
            findings.push(Finding::new("counted_holds_pending", format!("hold {hold} is counted and not pending")));
        }
    });
}
