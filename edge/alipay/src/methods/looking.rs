//! Finding orders in durable state, as merchants name them.

use sycee_acquiring::command::OrderRef;
use sycee_acquiring::number::parse_generated;
use sycee_acquiring::record::OrderIndex;
use sycee_acquiring::{Channel, Order, parse_trade_no, trade_no};
use sycee_engine::ReadPoint;

use super::Call;
use crate::codes::business;
use crate::state::unreadable;
use crate::wire::failure::Failure;

/// How a request names its order: by one of the two numbers; ours wins when both are given.
pub(super) struct Named {
    /// The merchant's number.
    pub out_trade_no: Option<String>,
    /// Ours.
    pub trade_no: Option<String>,
}

impl Call<'_> {
    /// Reads `trade_no` and `out_trade_no`.
    ///
    /// # Errors
    /// `ACQ.INVALID_PARAMETER` when neither is there, or one cannot be a number.
    pub(super) fn named_order(&self) -> Result<Named, Failure> {
        let number = |field| {
            let text = self.fields().optional_identifier(field);
            text.map(|text| text.map(String::from)).map_err(|error| error.into_failure(business::INVALID_PARAMETER))
        };
        let named = Named { out_trade_no: number("out_trade_no")?, trade_no: number("trade_no")? };
        if named.out_trade_no.is_none() && named.trade_no.is_none() {
            return Err(Failure::with_detail(business::INVALID_PARAMETER, "out_trade_no or trade_no is needed"));
        }
        Ok(named)
    }

    /// The merchant's order of this name, whether a trade is visible or not.
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub(super) fn find_order(&self, read: &ReadPoint, named: &Named) -> Result<Option<Order>, Failure> {
        match (&named.trade_no, &named.out_trade_no) {
            (Some(number), _) => self.by_trade_no(read, number),
            (None, Some(number)) => self.by_out_trade_no(read, number),
            (None, None) => Ok(None),
        }
    }

    fn by_trade_no(&self, read: &ReadPoint, number: &str) -> Result<Option<Order>, Failure> {
        let Some((cell, id)) = parse_trade_no(number).filter(|(cell, _)| *cell == self.cell.number) else {
            return Ok(None);
        };
        let order = read.get::<Order>(&Order::key(id)).map_err(unreadable)?;
        Ok(order.filter(|order| order.merchant == self.merchant && trade_no(order, cell) == number))
    }

    /// The merchant's order of its own number.
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub(super) fn by_out_trade_no(&self, read: &ReadPoint, number: &str) -> Result<Option<Order>, Failure> {
        let generated = parse_generated(number);
        let id = match generated {
            Some(id) => Some(id),
            None => {
                let index = read.get::<OrderIndex>(&OrderIndex::key(self.merchant, number)).map_err(unreadable)?;
                index.map(|index| index.order)
            }
        };
        let Some(id) = id else { return Ok(None) };
        let order = read.get::<Order>(&Order::key(id)).map_err(unreadable)?;
        let is_right = |order: &Order| generated.is_none() || order.channel == Channel::StaticCode;
        Ok(order.filter(|order| order.merchant == self.merchant && is_right(order)))
    }

    /// The order as commands name it. A `trade_no` is checked here digit by digit, because commands carry only the id in it.
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub(super) fn order_ref(&self, named: Named) -> Result<Option<OrderRef>, Failure> {
        if named.trade_no.is_none() {
            return Ok(Some(OrderRef { out_trade_no: named.out_trade_no, id: None }));
        }
        let order = self.find_order(&self.cell.port.begin_read(), &named)?;
        Ok(order.map(|order| OrderRef { out_trade_no: None, id: Some(order.id) }))
    }
}
