//! The test clock and faults on request. These operations are there in a sandbox only.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::advance::{ADVANCE_MAX_SECONDS, NotAdvanced};
use sycee_engine::outbound::{FaultMode, Faults};

use super::Operation;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::Instant;

const STAFF: &[Role] = &[Role::Operator];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("test_clock", "/test/clock", |asked| Box::pin(test_clock(asked)))
        .says("What the test clock says.")
        .for_roles(STAFF)
        .for_staff(ADMINS)
        .gives::<ClockWire>()
        .for_tests(),
    Operation::post("advance_test_clock", "/test/clock/advance", |asked| Box::pin(advance_test_clock(asked)))
        .says(
            "Moves the test clock of all cells; what is due in between happens first, in the order in which it is due.",
        )
        .for_roles(STAFF)
        .for_staff(ADMINS)
        .takes::<AdvanceBody>()
        .gives::<ClockWire>()
        .for_tests(),
    Operation::post("set_test_fault", "/test/faults", |asked| Box::pin(set_test_fault(asked)))
        .says("Makes the next calls to the outside fail.")
        .for_roles(STAFF)
        .for_staff(ADMINS)
        .takes::<FaultBody>()
        .gives::<FaultBody>()
        .for_tests(),
];

/// Admins only: they may do all that any staff may, and this list names who else may.
const ADMINS: &[sycee_party::StaffRole] = &[sycee_party::StaffRole::Admin];

/// What the test clock says.
#[derive(Serialize, JsonSchema)]
struct ClockWire {
    now: Instant,
}

/// How far the clock is to be moved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AdvanceBody {
    /// At most ten years.
    seconds: u64,
}

/// What is to fail.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    /// `clearing`, `notification`, `webhook`, `payout` or `partner_call`.
    effect: String,
    /// `lose`, `double`, `delay` or `timeout-after-doing`.
    mode: String,
    /// How many of the next calls of the caller's cell; 0 ends what was asked before.
    count: u64,
}

async fn test_clock(asked: Asked) -> Result<Response, Problem> {
    ok(&ClockWire { now: Instant(asked.desk.world.clock.now_ns()) })
}

async fn advance_test_clock(asked: Asked) -> Result<Response, Problem> {
    let AdvanceBody { seconds } = asked.body()?;
    let no_clock = || Problem::not_found("the clock of this server cannot be moved");
    let advancer = asked.desk.advancer.as_ref().ok_or_else(no_clock)?;
    let now_ns = advancer.advance(seconds).await.map_err(|why| match why {
        NotAdvanced::TooFar => Problem::bad_field("seconds", &format!("is at most {ADVANCE_MAX_SECONDS}")),
        NotAdvanced::NoTestClock => no_clock(),
        NotAdvanced::Stuck(why) => Problem::clock_stuck(why),
        NotAdvanced::Store(error) => error.into(),
    })?;
    ok(&ClockWire { now: Instant(now_ns) })
}

async fn set_test_fault(asked: Asked) -> Result<Response, Problem> {
    let body: FaultBody = asked.body()?;
    let FaultBody { effect, mode, count } = &body;
    if !Faults::EFFECTS.contains(&effect.as_str()) {
        return Err(Problem::bad_field("effect", &format!("is one of {}", Faults::EFFECTS.join(", "))));
    }
    let known = FaultMode::ALL.iter().find(|(name, _)| name == mode);
    let names = FaultMode::ALL.map(|(name, _)| name).join(", ");
    let (_, mode) = known.ok_or_else(|| Problem::bad_field("mode", &format!("is one of {names}")))?;
    asked.desk.world.faults.set(Some(&asked.cell.name), effect, *mode, *count);
    ok(&body)
}
