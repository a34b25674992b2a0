//! The test clock, which the engine moves.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_engine::advance::{ADVANCE_MAX_SECONDS, NotAdvanced};

use crate::desk::Desk;
use crate::json::{self, Body};
use crate::problem::Problem;

#[derive(Serialize)]
struct Now {
    now: String,
}

/// `GET /clock`.
pub(crate) async fn show(State(desk): State<Arc<Desk>>) -> Response {
    now(&desk)
}

fn now(desk: &Desk) -> Response {
    json::ok(&Now { now: json::instant(desk.world().clock.now_ns()) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvanceBody {
    seconds: u64,
}

/// `POST /clock/advance`.
pub(crate) async fn advance(State(desk): State<Arc<Desk>>, Body(body): Body<AdvanceBody>) -> Result<Response, Problem> {
    desk.sandbox.advancer.advance(body.seconds).await.map_err(not_advanced)?;
    Ok(now(&desk))
}

fn not_advanced(why: NotAdvanced) -> Problem {
    let detail = why.to_string();
    match why {
        NotAdvanced::TooFar => Problem::bad_field("seconds", &format!("is at most {ADVANCE_MAX_SECONDS}")),
        NotAdvanced::NoTestClock => {
            let title = "The clock of this server cannot be moved.";
            Problem::new(StatusCode::CONFLICT, "no_test_clock", title, detail)
        }
        NotAdvanced::Stuck(_) => {
            let title = "What is due was not done in time; the clock stands where it came to.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "advance_stuck", title, detail)
        }
        NotAdvanced::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_a_whole_number() {
        for (text, good) in [
            (r#"{"seconds":60}"#, true),
            (r#"{"seconds":0}"#, true),
            (r#"{"seconds":-1}"#, false),
            (r#"{"seconds":1.5}"#, false),
            (r#"{"seconds":"1"}"#, false),
            (r#"{"minutes":1}"#, false),
        ] {
            assert_eq!(json::read::<AdvanceBody>(text.as_bytes()).is_ok(), good, "{text}");
        }
    }
}
