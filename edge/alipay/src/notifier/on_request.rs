//! Notices that somebody looks at or wants to be sent again: a developer whose receiver had a fault, say.
//!
//! A replay posts the same bytes to the same address. It is possible while this process remembers the notice, or while the notice
//! is open. An ended notice is in no table, so after a restart, or when it was pushed out of the memory, it is told anew from
//! the order's row: a new notice with a number of its own, of how the trade stands now.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use sycee_acquiring::order::OrderState;
use sycee_acquiring::reply::{EFFECT_NOTICE, Notice, NoticeKind};
use sycee_acquiring::{Order, parse_trade_no, trade_no};
use sycee_contract::{Effect, EffectId, EffectPolicy, EffectRecord, EffectState, encode};
use sycee_engine::CellHandle;
use sycee_engine::deliveries::{Deliveries, Delivery, DeliveryState, NotSent, Sending};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::news::News;
use super::notice::{form, notify_id, parse_notify_id};
use super::schedule::NoticeId;
use super::{Inner, Notifier, attempt};

/// So many are sent on request at once; beyond that one has to ask later.
const AT_ONCE: usize = 16;

/// What requests share.
pub(super) struct OnRequest {
    room: Semaphore,
    last: AtomicU16,
}

impl OnRequest {
    pub fn new() -> Self {
        Self { room: Semaphore::new(AT_ONCE), last: AtomicU16::new(0) }
    }

    fn enter(&self) -> Result<SemaphorePermit<'_>, NotSent> {
        self.room.try_acquire().map_err(|_| NotSent::Busy)
    }
}

impl Deliveries for Notifier {
    fn of_merchant(&self, merchant: u64) -> Vec<Delivery> {
        self.inner.told().of_merchant(merchant)
    }

    fn one(&self, merchant: u64, notify_id: &str) -> Option<Delivery> {
        self.inner.told().one(merchant, notify_id).cloned()
    }

    fn replay<'d>(&'d self, merchant: u64, notify_id: &'d str) -> Sending<'d> {
        Box::pin(async move {
            let delivery = self.inner.remembered(merchant, notify_id)?;
            self.inner.send(merchant, delivery).await
        })
    }

    fn tell_again<'d>(&'d self, merchant: u64, trade_no: &'d str) -> Sending<'d> {
        Box::pin(async move {
            let delivery = self.inner.anew(merchant, trade_no)?;
            self.inner.send(merchant, delivery).await
        })
    }
}

impl Inner {
    async fn send(&self, merchant: u64, delivery: Delivery) -> Result<Delivery, NotSent> {
        let _room = self.on_request.enter()?;
        let at_ns = self.world.clock.now_ns();
        let exchanged = self.courier.post(&delivery.target, &delivery.payload).await;
        let attempt = attempt::seen(&exchanged, at_ns, true);
        self.told().note(merchant, delivery.clone(), attempt.clone());
        let known = self.told().one(merchant, &delivery.notify_id).cloned();
        Ok(known.unwrap_or(Delivery { attempts: vec![attempt], ..delivery }))
    }

    /// The notice of this number: from the memory, or because it is open.
    fn remembered(&self, merchant: u64, number: &str) -> Result<Delivery, NotSent> {
        let known = self.told().one(merchant, number).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let id = parse_notify_id(number).map(|(cell, effect)| NoticeId { cell, effect }).ok_or(NotSent::Unknown)?;
        let (record, kept) = self.schedule().find(id).ok_or(NotSent::Unknown)?;
        let cell = self.world.numbered(id.cell).ok_or(NotSent::Unknown)?;
        let news = News::of(&record).filter(|news| news.merchant() == merchant).ok_or(NotSent::Unknown)?;
        let payload = match kept {
            Some(kept) => kept,
            None => form(&self.gateway_key, cell, id.effect, &record).map_err(NotSent::Failed)?.into(),
        };
        Ok(delivery(&news, id, &record.effect.target, &payload, DeliveryState::Waiting))
    }

    /// A new notice of a trade as it stands now.
    fn anew(&self, merchant: u64, number: &str) -> Result<Delivery, NotSent> {
        let (cell, order) = self.trade(merchant, number)?;
        let target = order.notify_url.clone().ok_or(NotSent::NothingToTell)?;
        let kind = match order.state {
            OrderState::Paid => NoticeKind::Paid,
            OrderState::Closed => NoticeKind::Closed,
            OrderState::CodeIssued | OrderState::WaitBuyerPay => return Err(NotSent::NothingToTell),
        };
        // No operation has such a number, and no two at the same instant have the same place.
        let requested_at_ns = self.world.clock.now_ns();
        let index = self.on_request.last.fetch_add(1, Ordering::Relaxed);
        let effect = EffectId { operation: requested_at_ns, index };
        let notice = Notice { kind, order, refund: None };
        let asked = Effect { kind: EFFECT_NOTICE, target, body: encode(&notice), policy: EffectPolicy::BindsNobody };
        let record = EffectRecord { effect: asked, state: EffectState::Requested, requested_at_ns };
        let payload = form(&self.gateway_key, cell, effect, &record).map_err(NotSent::Failed)?.into();
        let id = NoticeId { cell: cell.number, effect };
        Ok(delivery(&News::Trade(Box::new(notice)), id, &record.effect.target, &payload, DeliveryState::OnRequest))
    }

    fn trade(&self, merchant: u64, number: &str) -> Result<(&CellHandle, Order), NotSent> {
        let (cell, id) = parse_trade_no(number).ok_or(NotSent::Unknown)?;
        let cell = self.world.numbered(cell).ok_or(NotSent::Unknown)?;
        let order: Option<Order> =
            cell.port.get(&Order::key(id)).map_err(|error| NotSent::Failed(error.to_string()))?;
        let is_it = |order: &Order| order.merchant == merchant && trade_no(order, cell.number) == number;
        let order = order.filter(|order| is_it(order) && order.trade_created_at_ns.is_some());
        order.map(|order| (&**cell, order)).ok_or(NotSent::Unknown)
    }
}

/// A notice without attempts.
pub(super) fn delivery(news: &News, id: NoticeId, target: &str, payload: &Arc<str>, state: DeliveryState) -> Delivery {
    Delivery {
        notify_id: notify_id(id.cell, id.effect),
        app: news.app(),
        trade_no: news.number(id.cell),
        target: target.to_owned(),
        payload: Arc::clone(payload),
        state,
        attempts: Vec::new(),
    }
}
