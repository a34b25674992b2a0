//! One command, decided: key, role, rule, guards, in this order.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::idempotency::fingerprint;
use crate::{
    Command, CommandDescriptor, Deciding, FieldDigest, IdempotencyRecord, Key, Operation, Plan, Product, Products,
    Refusal, RefusalClass, Stamp, Stop, View, cell, proposal,
};

/// What a command was answered.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Answer {
    /// It was done; the product's encoded reply.
    #[n(0)]
    Done(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// It was refused.
    #[n(1)]
    Refused(#[n(0)] Refusal),
}

/// What deciding a command came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A plan to journal and apply, with the answer. A refusal has a plan only if it binds its key or ends a timer;
    /// a repeat, only if it ends a timer.
    Planned(Plan, Answer),
    /// Refused; nothing to journal.
    Refused(Refusal),
    /// The same command was answered before, by this operation.
    Repeated(Operation, Answer),
    /// These keys must be in memory first.
    Need(Vec<Key>),
    /// Stored bytes do not decode, or a rule is wrong: refuse, quarantine, tell an operator.
    Broken(&'static str),
}

/// Decides `command` at `stamp` over `view`.
#[must_use]
pub fn decide(products: &Products, command: &Command, stamp: Stamp, view: &dyn View) -> Outcome {
    let mut deciding = Deciding::new(stamp, products, view);
    match decided(products, command, &mut deciding) {
        Ok(Decided::New(reply, record)) => finish(command, deciding, Answer::Done(reply), record),
        // Its key was answered before, but its timer's row is still there: only that is planned.
        Ok(Decided::Before(_, answer)) if command.timer.is_some() => finish(command, deciding, answer, None),
        Ok(Decided::Before(operation, answer)) => Outcome::Repeated(operation, answer),
        Err((Stop::Need, _)) => Outcome::Need(deciding.into_needed()),
        Err((Stop::Broken(what), _)) => Outcome::Broken(what),
        Err((Stop::Refuse(refusal), record)) => {
            let binds = record.is_some() && binds_key(products, command, &refusal);
            if !binds && command.timer.is_none() {
                return Outcome::Refused(refusal);
            }
            // What was planned before the refusal is thrown away; only the key and the timer remain.
            let empty = Deciding::new(stamp, products, view);
            finish(command, empty, Answer::Refused(refusal), record.filter(|_| binds))
        }
    }
}

enum Decided {
    New(Vec<u8>, Option<Vec<FieldDigest>>),
    Before(Operation, Answer),
}

type Stopped = (Stop, Option<Vec<FieldDigest>>);

fn decided(products: &Products, command: &Command, deciding: &mut Deciding<'_>) -> Result<Decided, Stopped> {
    let bare = |stop: Stop| (stop, None);
    let refuse = |code, detail: &str| bare(Refusal::new(code, detail).into());
    let Some((product, descriptor)) = products.command(command.code) else {
        return Err(refuse(cell::UNKNOWN_COMMAND, "no product has a command of this number"));
    };
    if command.timer.is_none() && !descriptor.roles.contains(&command.caller.role) {
        return Err(refuse(cell::ROLE_FORBIDDEN, "this role may not ask this"));
    }
    if command.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > Command::MAX_ID_LENGTH) {
        return Err(refuse(cell::BAD_COMMAND_ID, "an idempotency key has 1 to 128 bytes"));
    }
    let mut digests = None;
    if let Some(key) = command.idempotency_key() {
        let new = fingerprint(&command.body, descriptor)
            .map_err(|_| refuse(cell::BAD_BODY, "the body is not a list of fields"))?;
        if let Some(record) = deciding.get::<IdempotencyRecord>(&key).map_err(bare)? {
            return match record.differing_field(&new, descriptor) {
                None => Ok(Decided::Before(record.operation, record.answer)),
                Some(field) => Err(refuse(cell::KEY_REUSED, field)),
            };
        }
        digests = Some(new);
    }
    proposal::check_alone(product, command).map_err(bare)?;
    match rule_and_guards(product, descriptor, command, deciding) {
        Ok(reply) => Ok(Decided::New(reply, digests)),
        Err(stop) => Err((stop, digests)),
    }
}

fn rule_and_guards(
    product: &dyn Product,
    descriptor: &CommandDescriptor,
    command: &Command,
    deciding: &mut Deciding<'_>,
) -> Result<Vec<u8>, Stop> {
    let reply = product.decide(command, deciding)?;
    deciding.ready()?;
    for guard in deciding.products().iter() {
        guard.guard(descriptor.nature, command.caller, deciding)?;
    }
    deciding.ready()?;
    Ok(reply)
}

fn finish(command: &Command, mut deciding: Deciding<'_>, answer: Answer, digests: Option<Vec<FieldDigest>>) -> Outcome {
    if let (Some(key), Some(fingerprint)) = (command.idempotency_key(), digests) {
        let record = IdempotencyRecord { operation: deciding.stamp().operation, fingerprint, answer: answer.clone() };
        deciding.put(key, &record);
    }
    if let Some(timer) = command.timer {
        deciding.cancel_timer(timer);
    }
    Outcome::Planned(deciding.into_plan(), answer)
}

fn binds_key(products: &Products, command: &Command, refusal: &Refusal) -> bool {
    let listed = products
        .command(command.code)
        .is_some_and(|(_, descriptor)| descriptor.binding_refusals.contains(&refusal.code));
    let class = products.refusal(refusal.code).map(|descriptor| descriptor.class);
    listed && class.is_some_and(|class| class != RefusalClass::TryAgain)
}
