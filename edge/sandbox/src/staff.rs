//! Members of the operator's staff, for tests of what each role may do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_contract::{Caller, Command};
use sycee_engine::vault::Handle;
use sycee_party::command::{OpenStaff, Opened};
use sycee_party::{OPEN_STAFF, StaffRole};

use crate::customers::{contact, keep, phone};
use crate::desk::{Desk, fresh_key};
use crate::json::{self, Body};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenBody {
    cell: String,
    name: String,
    role: RoleName,
    phone: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    Cashier,
    Support,
    Finance,
    Admin,
}

#[derive(Serialize)]
struct OpenedJson {
    staff_id: String,
    token: String,
}

/// `POST /staff`.
pub(crate) async fn open(State(desk): State<Arc<Desk>>, Body(body): Body<OpenBody>) -> Result<Response, Problem> {
    let name = json::name("name", &body.name)?;
    let cell = desk.cell(&body.cell)?;
    let staff_role = match body.role {
        RoleName::Cashier => StaffRole::Cashier,
        RoleName::Support => StaffRole::Support,
        RoleName::Finance => StaffRole::Finance,
        RoleName::Admin => StaffRole::Admin,
    };
    let phone = body.phone.as_deref().map(phone).transpose()?;
    let contact = phone.as_deref().map(|phone| contact(cell, phone));
    let Handle(person) = keep(cell, name, phone, body.password).await?;
    let command = Command::new(OPEN_STAFF, Caller::OPERATOR, &OpenStaff { person, contact, staff_role });
    let Opened { party } = desk.reply(cell, command.with_id(&fresh_key()?)).await?;
    let token = desk.token(cell, party).await?;
    Ok(json::ok(&OpenedJson { staff_id: json::party(party), token }))
}
