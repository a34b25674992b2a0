use sycee_acquiring::authorisation::{Authorisation, AuthorisationOperation, AuthorisationState, OperationKind};
use sycee_acquiring::order::{Discount, OrderState, Paid};
use sycee_acquiring::record::Refund;
use sycee_acquiring::{Channel, CloseReason};
use sycee_ledger::AccountId;
use sycee_money::Currency;

use super::*;

/// 2026-11-23 10:00:00 in Paris.
const TEN: u64 = 1_795_424_400_000_000_000;
const SECOND: u64 = 1_000_000_000;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

fn order() -> Order {
    Order {
        id: 12,
        merchant: 2_088_070_000_100_001,
        app: Some(2_021_070_000_000_001),
        store: 1,
        store_reference: None,
        terminal: None,
        operator: None,
        out_trade_no: "order_1".into(),
        total: Money::new(amount(1_250), Currency::from_code("EUR").unwrap()),
        subject: "Deux cafés".into(),
        body: None,
        passback_params: Some("a=b&c".into()),
        notify_url: None,
        return_url: None,
        product_code: None,
        channel: Channel::Create,
        state: OrderState::WaitBuyerPay,
        created_at_ns: TEN,
        created_date: 20_261_123,
        code_issued_at_ns: None,
        code_expires_at_ns: None,
        trade_created_at_ns: Some(TEN),
        expires_at_ns: TEN + 3_600 * SECOND,
        timer: None,
        buyer: Some(2_088_070_000_200_002),
        required_buyer: None,
        paid: None,
        refunded: Amount::ZERO,
        fee_returned: Amount::ZERO,
        refund_count: 0,
        closed_at_ns: None,
        close_reason: None,
        code_digest: None,
        authorisation: None,
    }
}

fn paid_order() -> Order {
    let account = AccountId::from_bytes([0; 16]);
    let discount = Discount { amount: amount(250), account, label: "Autumn".into(), returned: Amount::ZERO };
    let paid = Paid {
        at_ns: TEN + 60 * SECOND,
        payer_amount: amount(1_000),
        discounts: vec![discount],
        fees: Vec::new(),
        fees_returnable: true,
        funding_account: account,
        funding_label: "balance".into(),
        refund_until_ns: u64::MAX,
        cancel_until_ns: u64::MAX,
    };
    Order { state: OrderState::Paid, paid: Some(paid), ..order() }
}

fn text(kind: NoticeKind, order: Order, refund: Option<Refund>) -> String {
    let writing = Writing {
        cell: 7,
        id: EffectId { operation: 99, index: 1 },
        time: &MarketTime::new("Europe/Paris").unwrap(),
        requested_at_ns: TEN + 120 * SECOND,
        buyer_logon_id: Some("336******78".into()),
    };
    writing.fields(&Notice { kind, order, refund }).text_to_sign()
}

#[test]
fn a_payment_is_told_with_its_amounts() {
    assert_eq!(
        text(NoticeKind::Paid, paid_order(), None),
        String::from("app_id=2021070000000001&auth_app_id=2021070000000001")
            + "&buyer_id=2088070000200002&buyer_logon_id=336******78&buyer_pay_amount=10.00&charset=utf-8"
            + "&fund_bill_list=[{\"amount\":\"10.00\",\"fundChannel\":\"ALIPAYACCOUNT\"},\
               {\"amount\":\"2.50\",\"fundChannel\":\"DISCOUNT\"}]"
            + "&gmt_create=2026-11-23 10:00:00&gmt_payment=2026-11-23 10:01:00&invoice_amount=10.00"
            + "&notify_id=070000000000000000009900001&notify_time=2026-11-23 10:02:00&notify_type=trade_status_sync"
            + "&out_trade_no=order_1&passback_params=a=b&c&point_amount=0.00&receipt_amount=12.50"
            + "&seller_id=2088070000100001&subject=Deux cafés&total_amount=12.50"
            + "&trade_no=2026112307000010000000000012&trade_status=TRADE_SUCCESS&version=1.0"
            + "&voucher_detail_list=[{\"amount\":\"2.50\",\"name\":\"Autumn\"}]"
    );
}

#[test]
fn refunds_and_closings_say_what_they_are() {
    let refund = |minor, cumulative| Refund {
        order: 12,
        out_request_no: "r1".into(),
        amount: amount(minor),
        to_payer: amount(400),
        cumulative: amount(cumulative),
        fee_returned: Amount::ZERO,
        at_ns: TEN + 90 * SECOND,
        reason: None,
    };
    let partial = text(NoticeKind::Refunded, Order { refunded: amount(500), ..paid_order() }, Some(refund(500, 500)));
    let closed = Order {
        state: OrderState::Closed,
        refunded: amount(1_250),
        closed_at_ns: Some(TEN + 90 * SECOND),
        close_reason: Some(CloseReason::Refunded),
        code_digest: None,
        authorisation: None,
        ..paid_order()
    };
    let full = text(NoticeKind::Refunded, closed, Some(refund(750, 1_250)));
    let expired = Order { state: OrderState::Closed, closed_at_ns: Some(TEN + 95 * SECOND), ..order() };
    let expired = text(NoticeKind::Closed, expired, None);
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            &partial,
            &[
                "trade_status=TRADE_SUCCESS",
                "refund_fee=5.00",
                "send_back_fee=4.00",
                "out_biz_no=r1",
                "gmt_refund=2026-11-23 10:01:30",
                "gmt_payment=",
            ],
            &["gmt_close"],
        ),
        (&full, &["trade_status=TRADE_CLOSED", "refund_fee=12.50", "gmt_close=2026-11-23 10:01:30"], &[]),
        (
            &expired,
            &["trade_status=TRADE_CLOSED", "gmt_close=2026-11-23 10:01:35", "total_amount=12.50"],
            &["refund_fee", "gmt_payment", "receipt_amount", "fund_bill_list", "out_biz_no"],
        ),
    ];
    for (text, has, has_not) in table {
        for part in *has {
            assert!(text.contains(part), "{part} in {text}");
        }
        for part in *has_not {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn notices_have_numbers_of_their_own() {
    let mut ids: Vec<String> = Vec::new();
    for cell in [1, 7] {
        for operation in [0, 1, 11, u64::MAX] {
            for index in [0, 1, 11, u16::MAX] {
                let id = EffectId { operation, index };
                ids.push(notify_id(cell, id));
                assert_eq!(parse_notify_id(&notify_id(cell, id)), Some((cell, id)));
            }
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn what_is_no_number_of_a_notice_names_none() {
    let wrong = [
        "",
        "07",
        "070000000000000000000100001",
        "0700000000000000000001000011",
        "+70000000000000000000100001",
        "079999999999999999999900001",
        "070000000000000000000199999",
        "07000000000000000000010000é",
    ];
    for (at, text) in wrong.into_iter().enumerate() {
        assert_eq!(parse_notify_id(text).is_some(), at == 2, "{text}");
    }
}

#[test]
fn frozen_money_is_told_as_recorded_notices_tell_it() {
    let operation = AuthorisationOperation {
        id: 13,
        authorisation: 14,
        merchant: 2_088_070_000_100_001,
        out_request_no: "request_1".into(),
        kind: OperationKind::Freeze,
        amount: amount(1_250),
        at_ns: TEN,
        created_date: 20_261_123,
        remark: None,
    };
    let authorisation = Authorisation {
        id: 14,
        merchant: 2_088_070_000_100_001,
        app: Some(2_021_070_000_000_001),
        out_order_no: "freeze_1".into(),
        title: "A room".into(),
        amount: Money::new(amount(1_250), Currency::from_code("EUR").unwrap()),
        state: AuthorisationState::Authorised,
        customer: Some(2_088_070_000_200_002),
        funding_account: None,
        funding_label: None,
        hold: Some(1),
        held: amount(1_050),
        captured: amount(0),
        released: amount(200),
        created_at_ns: TEN,
        created_date: 20_261_123,
        expires_at_ns: TEN,
        timer: None,
        authorised_at_ns: Some(TEN),
        ended_at_ns: None,
        operation: 13,
        code_digest: None,
        notify_url: None,
    };
    let told = |kind, minor| {
        let writing = Writing {
            cell: 7,
            id: EffectId { operation: 99, index: 1 },
            time: &MarketTime::new("Europe/Paris").unwrap(),
            requested_at_ns: TEN + 120 * SECOND,
            buyer_logon_id: Some("336******78".into()),
        };
        let (authorisation, operation) = (authorisation.clone(), operation.clone());
        writing.freeze_fields(&FreezeNotice { kind, authorisation, operation, amount: amount(minor) }).text_to_sign()
    };
    let expected = |amount: &str, notify: &str, operation: &str| {
        format!("amount={amount}&app_id=2021070000000001&auth_app_id=2021070000000001")
            + "&auth_no=2026112307000010000000000014&charset=utf-8&gmt_create=2026-11-23 10:00:00"
            + "&gmt_trans=2026-11-23 10:02:00&notify_id=070000000000000000009900001"
            + "&notify_time=2026-11-23 10:02:00&notify_type="
            + notify
            + "&operation_id=2026112307000010000000000013&operation_type="
            + operation
            + "&out_order_no=freeze_1&out_request_no=request_1&payee_user_id=2088070000100001"
            + "&payer_logon_id=336******78&payer_user_id=2088070000200002&rest_amount=10.50&status=SUCCESS"
            + "&total_freeze_amount=12.50&total_pay_amount=0.00&total_unfreeze_amount=2.00"
            + "&trans_currency=EUR&version=1.0"
    };
    assert_eq!(told(FreezeNoticeKind::Frozen, 1_250), expected("12.50", "fund_auth_freeze", "FREEZE"));
    assert_eq!(told(FreezeNoticeKind::Released, 200), expected("2.00", "fund_auth_unfreeze", "UNFREEZE"));
    assert_eq!(told(FreezeNoticeKind::Ended, 200), expected("2.00", "fund_auth_unfreeze", "UNFREEZE"));
}
