//! The table of operations: a file for each subject. The router and the OpenAPI document are both made from it.

mod apps;
mod authorisations;
mod books;
mod customer;
mod deliveries;
mod events;
mod history;
mod keys;
mod limits;
mod members;
mod merchant;
mod merchant_lists;
mod merchant_numbers;
mod money_requests;
mod network;
mod operator;
mod order_view;
mod orders;
mod parties;
mod party;
mod passkeys;
mod payees;
mod payouts;
mod printed;
mod proposals;
mod quotes;
mod requests;
mod return_addresses;
mod sessions;
mod settlement;
mod settlement_entries;
mod settlement_report;
mod shop;
mod sign_ups;
mod testing;
mod tokens;
mod top_ups;
mod troubles;
mod webhooks;
mod windows;

use std::future::Future;
use std::pin::Pin;

use axum::response::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use sycee_contract::{CommandCode, CommandDescriptor, Products, Role};
use sycee_party::{MemberRole, StaffRole};

use crate::desk::{Asked, Stranger};
use crate::problem::Problem;

pub(crate) use customer::{contact, member_contact};

/// What a handler gives back.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;
/// How a request is done.
pub(crate) type Handler = fn(Asked) -> Pending;
/// How a request is done that anybody may ask.
pub(crate) type AnybodysHandler = fn(Stranger) -> Pending;
/// How the schema of a type is made.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The method of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

/// Who may ask an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Roles {
    /// Those who may ask its command.
    OfCommand,
    /// These.
    Of(&'static [Role]),
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its name in the document and in programs made from it, in `snake_case`.
    pub id: &'static str,
    pub method: Method,
    /// Below `/api/v1`; parts in braces are parameters.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub roles: Roles,
    /// Which staff, beside admins, may ask it; nobody else's business if it is for everybody.
    pub staff: &'static [StaffRole],
    /// What one of a merchant's people must be at least to ask it.
    pub member: MemberRole,
    /// The command that it asks.
    pub command: Option<CommandCode>,
    /// Commands that it asks instead or beside it, where the case wants it.
    pub also: &'static [CommandCode],
    /// A command whose refusals it makes although it asks none.
    pub refuses_as: Option<CommandCode>,
    /// The command that it proposes: it needs two people.
    pub proposes: Option<CommandCode>,
    /// The parameters of its query: a schema of an object with one property for each.
    pub query: Option<SchemaOf>,
    /// Whether `Accept: text/csv` gets the whole list as CSV.
    pub csv: bool,
    pub request: Option<SchemaOf>,
    pub reply: Option<SchemaOf>,
    /// Whether the reply is a stream of such replies, as server-sent events.
    pub is_stream: bool,
    /// Whether it is there in a sandbox only.
    pub is_for_tests: bool,
    /// Whether a person's session may have to be proved before it.
    pub needs_proof: bool,
    pub handler: Handler,
    /// What does it instead, if it needs no caller: then anybody may ask it.
    pub anybodys: Option<AnybodysHandler>,
}

/// Whoever is somebody.
const EVERYBODY: &[Role] = &[Role::Customer, Role::Merchant, Role::Operator];

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Operation {
    const fn new(method: Method, id: &'static str, path: &'static str, handler: Handler) -> Self {
        Self {
            id,
            method,
            path,
            summary: "",
            roles: Roles::OfCommand,
            staff: &[],
            member: MemberRole::Owner,
            command: None,
            also: &[],
            refuses_as: None,
            proposes: None,
            query: None,
            csv: false,
            request: None,
            reply: None,
            is_stream: false,
            is_for_tests: false,
            needs_proof: false,
            handler,
            anybodys: None,
        }
    }

    const fn get(id: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(Method::Get, id, path, handler)
    }

    const fn post(id: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(Method::Post, id, path, handler)
    }

    /// One that is posted by somebody who is not known yet.
    const fn for_anybody(id: &'static str, path: &'static str, handler: AnybodysHandler) -> Self {
        let operation = Self::post(id, path, |_| Box::pin(async { Err(Problem::no_such_path()) }));
        Self { anybodys: Some(handler), roles: Roles::Of(&[]), ..operation }
    }

    const fn delete(id: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(Method::Delete, id, path, handler)
    }

    const fn says(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// The command that it asks: whoever may ask that may ask this.
    const fn asks(mut self, command: CommandCode) -> Self {
        self.command = Some(command);
        self
    }

    /// Who may ask it, if it has no command, or if not all of those who may ask its command are meant.
    const fn for_roles(mut self, roles: &'static [Role]) -> Self {
        self.roles = Roles::Of(roles);
        self
    }

    const fn for_staff(mut self, staff: &'static [StaffRole]) -> Self {
        self.staff = staff;
        self
    }

    /// From which role on a merchant's people may ask it: owners only, if it does not say.
    const fn for_members(mut self, least: MemberRole) -> Self {
        self.member = least;
        self
    }

    /// Commands that it asks too.
    const fn also_asks(mut self, commands: &'static [CommandCode]) -> Self {
        self.also = commands;
        self
    }

    /// It asks no command, but says no as this one does.
    const fn refuses_as(mut self, command: CommandCode) -> Self {
        self.refuses_as = Some(command);
        self
    }

    /// The command that it proposes.
    const fn proposes(mut self, command: CommandCode) -> Self {
        self.proposes = Some(command);
        self
    }

    /// The parameters of its query.
    const fn queries<T: JsonSchema>(mut self) -> Self {
        self.query = Some(T::json_schema);
        self
    }

    /// That its list can be had as CSV.
    const fn exports(mut self) -> Self {
        self.csv = true;
        self
    }

    /// Its reply is a stream.
    const fn streams(mut self) -> Self {
        self.is_stream = true;
        self
    }

    /// It is there in a sandbox only.
    const fn for_tests(mut self) -> Self {
        self.is_for_tests = true;
        self
    }

    /// A person's session may have to be proved before it.
    const fn may_need_proof(mut self) -> Self {
        self.needs_proof = true;
        self
    }

    const fn takes<T: JsonSchema>(mut self) -> Self {
        self.request = Some(schema_of::<T>);
        self
    }

    const fn gives<T: JsonSchema>(mut self) -> Self {
        self.reply = Some(schema_of::<T>);
        self
    }

    /// The descriptor of its command.
    pub fn descriptor(&self, products: &Products) -> Option<&'static CommandDescriptor> {
        products.command(self.command?).map(|(_, descriptor)| descriptor)
    }

    /// In which roles it may be asked.
    pub fn roles(&self, products: &Products) -> &'static [Role] {
        match self.roles {
            Roles::Of(roles) => roles,
            Roles::OfCommand => self.descriptor(products).map_or(&[], |descriptor| descriptor.roles),
        }
    }

    /// Whether all staff may ask it: it says for itself whose it is and names nobody among staff.
    pub fn is_for_all_staff(&self) -> bool {
        matches!(self.roles, Roles::Of(_)) && self.staff.is_empty()
    }

    /// Whether a member of staff in this role may ask it: an admin always, others if they are named, or if all may.
    pub fn is_for_staff(&self, role: StaffRole) -> bool {
        role == StaffRole::Admin || self.is_for_all_staff() || self.staff.contains(&role)
    }

    /// Whether one of a merchant's people in this role may ask it.
    pub fn is_for_member(&self, role: MemberRole) -> bool {
        role >= self.member
    }

    /// Whether a request needs an idempotency key: its command has fields by which a repeat is known.
    pub fn needs_key(&self, products: &Products) -> bool {
        self.descriptor(products).is_some_and(|descriptor| !descriptor.fingerprint.is_empty())
    }
}

static TABLES: &[&[Operation]] = &[
    party::OPERATIONS,
    customer::OPERATIONS,
    payees::OPERATIONS,
    money_requests::OPERATIONS,
    printed::OPERATIONS,
    orders::OPERATIONS,
    merchant::OPERATIONS,
    shop::OPERATIONS,
    members::OPERATIONS,
    limits::OPERATIONS,
    apps::OPERATIONS,
    operator::OPERATIONS,
    keys::OPERATIONS,
    sessions::OPERATIONS,
    passkeys::OPERATIONS,
    sign_ups::OPERATIONS,
    tokens::OPERATIONS,
    proposals::OPERATIONS,
    books::OPERATIONS,
    merchant_lists::OPERATIONS[0],
    merchant_lists::OPERATIONS[1],
    merchant_lists::OPERATIONS[2],
    merchant_numbers::OPERATIONS[0],
    merchant_numbers::OPERATIONS[1],
    settlement_report::OPERATIONS,
    parties::OPERATIONS,
    quotes::OPERATIONS,
    authorisations::OPERATIONS,
    history::OPERATIONS,
    network::OPERATIONS,
    windows::OPERATIONS,
    troubles::OPERATIONS,
    events::OPERATIONS,
    requests::OPERATIONS,
    deliveries::OPERATIONS,
    testing::OPERATIONS,
    top_ups::OPERATIONS,
    webhooks::OPERATIONS,
    return_addresses::OPERATIONS,
    settlement::OPERATIONS,
    payouts::OPERATIONS,
];

/// All operations.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    TABLES.iter().copied().flatten()
}

/// Commands that a person may ask and that have no operation, each with the reason.
const NOT_YET: &[(CommandCode, &str)] = &[
    (
        sycee_contract::cell::INSTALL_MARKET,
        "market packs are installed by the operator's command line, with their signatures",
    ),
    (sycee_contract::cell::LINK_OPEN, "links are opened by the server from its configuration"),
    (
        sycee_acquiring::command::PAGE_PAY,
        "orders of this API are paid by code or in the customer's app; the browser's page is the Alipay edge's",
    ),
    (sycee_books::POST_TRANSFERS, "for bulk work inside the process: over HTTP, a posting by hand needs two people"),
    (sycee_books::PLACE_HOLD, "as posting transfers of the books in bulk"),
    (sycee_books::POST_HOLD, "as posting transfers of the books in bulk"),
    (sycee_books::VOID_HOLD, "as posting transfers of the books in bulk"),
    (sycee_interop::command::SET_RATES, "rates come from the server's feed with their source, not from people"),
    (sycee_acquiring::command::APP_PAY, "what a shop's app hands to a wallet belongs to the Alipay edge"),
    (sycee_acquiring::command::BIND_RECEIVERS, "money is passed on through the Alipay edge only"),
    (sycee_acquiring::command::UNBIND_RECEIVERS, "as binding receivers"),
    (sycee_acquiring::command::PAY_ROYALTY, "as binding receivers"),
    (sycee_acquiring::command::REFUND_WITH_ROYALTIES, "as binding receivers"),
];

/// See [`crate::uncovered_commands`].
pub(crate) fn uncovered(products: &Products) -> Vec<String> {
    let mut findings = Vec::new();
    let has_operation = |code: CommandCode| {
        all().any(|operation| {
            operation.command == Some(code) || operation.also.contains(&code) || operation.proposes == Some(code)
        })
    };
    for product in products.iter() {
        let descriptor = product.descriptor();
        for command in descriptor.commands {
            let is_a_persons = |role: &Role| matches!(role, Role::Operator | Role::Merchant | Role::Customer);
            let code = u16::from_be_bytes([descriptor.number, command.number]);
            let listed = NOT_YET.iter().any(|(listed, _)| *listed == code);
            if command.roles.iter().any(is_a_persons) && !listed && !has_operation(code) {
                findings.push(format!("{} of {} has no operation and no reason", command.name, descriptor.name));
            }
        }
    }
    for (code, reason) in NOT_YET {
        if has_operation(*code) {
            findings.push(format!("command {code} has an operation and is listed as having none"));
        }
        if products.command(*code).is_none() || reason.is_empty() {
            findings.push(format!("command {code} is listed without a reason, or no product has it"));
        }
    }
    findings
}
