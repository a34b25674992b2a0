//! Faults on request.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_engine::outbound::FaultMode;

use crate::desk::Desk;
use crate::json::{self, Body};
use crate::problem::Problem;

/// What can fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum EffectName {
    Clearing,
    Notification,
    Payout,
    PartnerCall,
}

impl EffectName {
    /// As those who carry effects out ask for it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::Notification => "notification",
            Self::Payout => "payout",
            Self::PartnerCall => "partner_call",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Lose,
    Double,
    Delay,
    TimeoutAfterDoing,
}

impl From<Mode> for FaultMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Lose => Self::Lose,
            Mode::Double => Self::Double,
            Mode::Delay => Self::Delay,
            Mode::TimeoutAfterDoing => Self::TimeoutAfterDoing,
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    effect: EffectName,
    mode: Mode,
    /// 0 ends what was asked before.
    count: u64,
}

/// `POST /faults`.
pub(crate) async fn set(State(desk): State<Arc<Desk>>, Body(body): Body<FaultBody>) -> Result<Response, Problem> {
    if let Some(cell) = &body.cell {
        desk.cell(cell)?;
    }
    desk.world().faults.set(body.cell.as_deref(), body.effect.as_str(), body.mode.into(), body.count);
    Ok(json::ok(&body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_spelled_as_the_contract_has_them() {
        let effects = ["clearing", "notification", "payout", "partner_call"];
        let modes = [
            ("lose", FaultMode::Lose),
            ("double", FaultMode::Double),
            ("delay", FaultMode::Delay),
            ("timeout-after-doing", FaultMode::TimeoutAfterDoing),
        ];
        for effect in effects {
            for (mode, expected) in modes {
                let text = format!(r#"{{"effect":"{effect}","mode":"{mode}","count":2}}"#);
                let body: FaultBody = json::read(text.as_bytes()).unwrap();
                assert_eq!((body.effect.as_str(), FaultMode::from(body.mode), body.count), (effect, expected, 2));
            }
        }
        for text in [
            r#"{"effect":"notifications","mode":"lose","count":1}"#,
            r#"{"effect":"payout","mode":"timeout_after_doing","count":1}"#,
            r#"{"effect":"payout","mode":"lose","count":-1}"#,
            r#"{"effect":"payout","mode":"lose"}"#,
            r#"{"effect":"payout","mode":"lose","count":1,"market":"fr"}"#,
        ] {
            assert!(json::read::<FaultBody>(text.as_bytes()).is_err(), "{text}");
        }
    }
}
