//! The people of a merchant: each role asks what it is for, and for its own merchant only.

use sycee_acquiring::command::*;
use sycee_acquiring::refusal::NOT_YOURS;
use sycee_acquiring::reply::*;
use sycee_contract::{Answer, Caller, Command};
use sycee_party::command::{ChangeMember, Freeze, OpenMember, Opened};
use sycee_party::{
    CHANGE_MEMBER, FREEZE, LAST_OWNER, MEMBER_MAY_NOT, MemberRole, OPEN_MEMBER, PARTY_NOT_FOUND, WRONG_PARTY_KIND,
};

use crate::bench::*;

fn open(employer: u64, by_whom: Caller, member_role: MemberRole, key: &str) -> Command {
    let person = [key.as_bytes().first().copied().unwrap_or(0); 16];
    by(OPEN_MEMBER, by_whom, &OpenMember { employer, person, contact: None, member_role }).with_id(key)
}

fn acting(merchant: u64, member: u64) -> Caller {
    Caller { agent: Some(member), ..Caller::merchant(merchant) }
}

/// A merchant with one of its people in each role: cashier, manager, owner.
fn shop(bench: &mut Bench) -> (u64, [Caller; 3]) {
    let merchant = bench.merchant(None).merchant;
    let people = [(MemberRole::Cashier, "c"), (MemberRole::Manager, "m"), (MemberRole::Owner, "o")];
    let people = people.map(|(role, key)| {
        let key = format!("{key}{merchant}");
        let Opened { party } = bench.done(&open(merchant, Caller::merchant(merchant), role, &key));
        acting(merchant, party)
    });
    (merchant, people)
}

/// Whether a command whose reply says nothing was done.
fn is_done(bench: &mut Bench, command: &Command) -> bool {
    matches!(bench.answer(command), Answer::Done(_))
}

/// Pays an order of the merchant's, so that it can be given back.
fn paid(bench: &mut Bench, merchant: u64, number: &str) {
    let buyer = bench.customer(1_000);
    let code_digest = bench.code(buyer, number.as_bytes()[1]);
    let body = PayByCode { order: fields(number, 100), code_digest };
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, Caller::merchant(merchant), &body));
}

#[test]
fn each_role_asks_what_it_is_for() {
    let mut bench = Bench::new();
    let (merchant, people) = shop(&mut bench);
    let named = |number: &str| OrderRef { id: None, out_trade_no: Some(number.into()) };
    for (place, caller) in people.into_iter().enumerate() {
        let number = |letter: char| format!("{letter}{place}");
        let _: OrderReply = bench.done(&by(CREATE, caller, &fields(&number('A'), 100)));
        let _: CancelReply = bench.done(&by(CANCEL, caller, &named(&number('A'))));
        let is_manager = place > 0;
        paid(&mut bench, merchant, &number('B'));
        let refund = RefundOrder {
            order: named(&number('B')),
            amount: euro(40),
            out_request_no: Some("R".into()),
            reason: None,
        };
        let cancel = by(CANCEL, caller, &named(&number('B')));
        let refund = by(REFUND, caller, &refund);
        if is_manager {
            let _: RefundReply = bench.done(&refund);
            let _: CancelReply = bench.done(&cancel);
        } else {
            assert_eq!(bench.refused(&refund).code, MEMBER_MAY_NOT);
            assert_eq!(bench.refused(&cancel).code, MEMBER_MAY_NOT, "it is paid");
        }
        let store = by(ADD_STORE, caller, &AddStore { merchant }).with_id(&format!("s{place}"));
        if place == 2 {
            let _: StoreReply = bench.done(&store);
        } else {
            assert_eq!(bench.refused(&store).code, MEMBER_MAY_NOT);
            let more = open(merchant, caller, MemberRole::Owner, &format!("x{place}"));
            assert_eq!(bench.refused(&more).code, MEMBER_MAY_NOT);
        }
    }
    assert_eq!(bench.findings(), []);
}

#[test]
fn nobody_acts_for_another_merchant_or_after_they_were_dismissed() {
    let mut bench = Bench::new();
    let ((merchant, [cashier, _, owner]), (other, [stranger, ..])) = (shop(&mut bench), shop(&mut bench));
    let order = |caller, number| by(CREATE, caller, &fields(number, 100));
    for wrong in [
        acting(merchant, stranger.agent.unwrap()),
        acting(merchant, merchant),
        acting(merchant, 5),
        Caller { agent: cashier.agent, ..Caller::customer(merchant) },
    ] {
        let refused = bench.refused(&order(wrong, "A1")).code;
        assert!([MEMBER_MAY_NOT, sycee_contract::cell::ROLE_FORBIDDEN].contains(&refused), "{wrong:?}: {refused}");
    }
    let change = |member: Caller, member_role, is_dismissed| ChangeMember {
        member: member.agent.unwrap(),
        member_role,
        is_dismissed,
    };
    let dismiss = change(cashier, MemberRole::Cashier, true);
    assert_eq!(bench.refused(&by(CHANGE_MEMBER, Caller::merchant(other), &dismiss)).code, MEMBER_MAY_NOT);
    assert_eq!(bench.refused(&by(CHANGE_MEMBER, cashier, &dismiss)).code, MEMBER_MAY_NOT);
    assert!(is_done(&mut bench, &by(CHANGE_MEMBER, owner, &dismiss)));
    assert_eq!(bench.refused(&order(cashier, "A1")).code, MEMBER_MAY_NOT);
    // The last owner stays, until there is another.
    let step_down = by(CHANGE_MEMBER, owner, &change(owner, MemberRole::Manager, false));
    assert_eq!(bench.refused(&step_down).code, LAST_OWNER);
    let Opened { .. } = bench.done(&open(merchant, owner, MemberRole::Owner, "p"));
    assert!(is_done(&mut bench, &step_down));
    assert_eq!(bench.refused(&open(merchant, owner, MemberRole::Cashier, "q")).code, MEMBER_MAY_NOT);
    let nobody = ChangeMember { member: merchant, member_role: MemberRole::Owner, is_dismissed: false };
    assert_eq!(bench.refused(&by(CHANGE_MEMBER, Caller::merchant(merchant), &nobody)).code, PARTY_NOT_FOUND);
    let buyer = bench.customer(0);
    assert_eq!(bench.refused(&open(buyer, Caller::OPERATOR, MemberRole::Owner, "r")).code, WRONG_PARTY_KIND);
    // The operator's freeze of one of the people holds too.
    assert!(is_done(
        &mut bench,
        &by(FREEZE, Caller::OPERATOR, &Freeze { party: stranger.agent.unwrap(), reason_code: 1 })
    ));
    assert_eq!(bench.refused(&order(stranger, "B1")).code, MEMBER_MAY_NOT);
    assert_eq!(bench.findings(), []);
}

#[test]
fn apps_are_listed_by_merchant_and_of_others_none_is_registered() {
    use sycee_acquiring::record::MerchantApps;
    let mut bench = Bench::new();
    let (shop, other) = (bench.merchant(None), bench.merchant(None));
    let register = |merchant: u64, caller, key: &str| {
        let body = RegisterApp { merchant, public_key: vec![1; 294], notify_url: None };
        by(REGISTER_APP, caller, &body).with_id(key)
    };
    let own = Caller::merchant(shop.merchant);
    let first: AppReply = bench.done(&register(shop.merchant, own, "a"));
    let second: AppReply = bench.done(&register(shop.merchant, Caller::OPERATOR, "b"));
    assert_eq!(bench.refused(&register(other.merchant, own, "c")).code, NOT_YOURS);
    let row = &bench.memory.rows[&MerchantApps::key(shop.merchant)];
    let listed: MerchantApps = sycee_contract::decode(row, "apps").unwrap();
    assert_eq!(listed.app_ids, [first.app_id, second.app_id]);
    assert_eq!(bench.findings(), []);
}
