//! The methods of the platform, as a table: name → what answers it.
//!
//! A method reads its fields, asks the engine or reads durable state, and says what became of it as a [`Node`] or a
//! [`Failure`]; the gateway signs either. An order's currency is that of the cell's market.

mod app_alipaycert_download;
mod app_pay;
mod asking;
mod bill_downloadurl_query;
mod buyer;
mod fund_auth;
mod fund_auth_app_freeze;
mod fund_auth_cancel;
mod fund_auth_detail_query;
mod fund_auth_freeze;
mod fund_auth_unfreeze;
mod fund_auth_voucher_create;
mod fund_trans_common_query;
mod fund_trans_uni_transfer;
mod looking;
mod material_image_upload;
mod order_request;
mod page_pay;
mod rendering;
mod royalty_relation;
mod system_oauth_token;
mod trade_cancel;
mod trade_close;
mod trade_create;
mod trade_fastpay_refund_query;
mod trade_order_settle;
mod trade_pay;
mod trade_precreate;
mod trade_query;
mod trade_refund;
mod user_info_share;

use std::future::Future;
use std::pin::Pin;

use sycee_contract::MarketPack;
use sycee_engine::CellHandle;
use tokio::time::Instant;

pub use asking::{ANSWER_WAIT_SECONDS, Unanswered};

pub(crate) use buyer::{logon_id, phone_bytes};
pub(crate) use rendering::{Amounts, fund_bills, trade_status_name};

use crate::cashier::Page;
use crate::codes::gateway;
use crate::market_time::MarketTime;
use crate::pages::language::Language;
use crate::state::{Alipay, Application, unreadable};
use crate::wire::biz_content::{BizContent, Fields};
use crate::wire::failure::Failure;
use crate::wire::request::Request;
use crate::wire::response::Node;
use crate::wire::upload::UploadedFile;

/// A genuine call of a method that exists.
pub struct Call<'a> {
    /// The edge.
    pub alipay: &'a Alipay,
    /// The cell of the application.
    pub cell: &'a CellHandle,
    /// The application.
    pub app: u64,
    /// Whose it is.
    pub merchant: u64,
    /// The common parameters.
    pub request: &'a Request<'a>,
    /// The market pack in force.
    pub market: MarketPack,
    /// The market's zone.
    pub time: MarketTime,
    /// The world's clock when the call came, UTC nanoseconds.
    pub now_ns: u64,
    /// Until when the answer can wait for what the cell and others say.
    deadline: Instant,
    /// In which language a page answers.
    pub language: &'static Language,
    content: BizContent,
    files: &'a [UploadedFile],
}

impl<'a> Call<'a> {
    /// Reads the business fields and what every method needs of the cell.
    ///
    /// # Errors
    /// `isv.illegal-json`; `isp.unknow-error` when the cell cannot be read.
    pub fn new(alipay: &'a Alipay, application: &'a Application, request: &'a Request<'a>) -> Result<Self, Failure> {
        let cell: &CellHandle = &application.cell;
        let content = request.biz_content.map(BizContent::parse).transpose()?.unwrap_or_default();
        let market = cell.market().map_err(unreadable)?;
        let time = MarketTime::new(&market.time_zone).map_err(unreadable)?;
        Ok(Self {
            alipay,
            cell,
            app: application.app.app_id,
            merchant: application.app.merchant,
            request,
            market,
            time,
            now_ns: alipay.world.clock.now_ns(),
            deadline: Instant::now() + alipay.answer_wait,
            language: Language::english(),
            content,
            files: &[],
        })
    }

    /// The same with the files that came with it.
    ///
    /// # Errors
    /// `isv.invalid-parameter` when there are files and the method takes none.
    pub fn with_files(self, files: &'a [UploadedFile]) -> Result<Self, Failure> {
        if files.is_empty() || TAKE_FILES.contains(&self.request.method) {
            return Ok(Self { files, ..self });
        }
        Err(Failure::with_detail(gateway::INVALID_PARAMETER, "this method takes no files"))
    }

    /// Adds what every result for a shop's app has.
    pub(crate) fn with_common_fields(&self, node: Node) -> Node {
        node.with("app_id", self.app.to_string())
            .with("auth_app_id", self.app.to_string())
            .with("charset", "utf-8")
            .with("timestamp", self.time.write(self.now_ns))
    }

    /// The content of the file that came under this name.
    #[must_use]
    pub fn file(&self, field: &str) -> Option<&'a [u8]> {
        self.files.iter().find(|file| file.field == field).map(|file| file.content.as_ref())
    }

    /// The business fields.
    #[must_use]
    pub fn fields(&self) -> Fields<'_> {
        self.content.fields()
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// What answers a method.
#[derive(Clone, Copy)]
pub enum Handler {
    /// A program reads the answer.
    Node(for<'a> fn(&'a Call<'a>) -> Answer<'a, Node>),
    /// A person's browser shows the answer.
    Page(for<'a> fn(&'a Call<'a>) -> Answer<'a, Page>),
    /// The customer's wallet brings it ([`crate::order_strings`]); nobody sends it to the gateway.
    OrderString {
        /// Makes what it asks for, or finds it; gives back the id.
        open: for<'a> fn(&'a Call<'a>) -> Answer<'a, u64>,
        /// How it stands for a customer.
        tell: fn(&Call<'_>, u64) -> Result<Told, Failure>,
    },
}

/// How something that a wallet has brought stands for a customer.
pub enum Told {
    /// They have done it: what the shop reads of it.
    Done(Node),
    /// It cannot be done any more, or was done by another.
    Refused(Failure),
    /// It waits for them.
    Waits,
}

/// Every method with what answers it.
pub const METHODS: &[(&str, Handler)] = &[
    (trade_precreate::METHOD, Handler::Node(|call| Box::pin(trade_precreate::answer(call)))),
    (trade_pay::METHOD, Handler::Node(|call| Box::pin(trade_pay::answer(call)))),
    (trade_create::METHOD, Handler::Node(|call| Box::pin(trade_create::answer(call)))),
    (trade_query::METHOD, Handler::Node(|call| Box::pin(trade_query::answer(call)))),
    (trade_cancel::METHOD, Handler::Node(|call| Box::pin(trade_cancel::answer(call)))),
    (trade_close::METHOD, Handler::Node(|call| Box::pin(trade_close::answer(call)))),
    (trade_refund::METHOD, Handler::Node(|call| Box::pin(trade_refund::answer(call)))),
    (trade_fastpay_refund_query::METHOD, Handler::Node(|call| Box::pin(trade_fastpay_refund_query::answer(call)))),
    (page_pay::PAGE_METHOD, Handler::Page(|call| Box::pin(page_pay::answer(call, false)))),
    (page_pay::WAP_METHOD, Handler::Page(|call| Box::pin(page_pay::answer(call, true)))),
    (fund_trans_uni_transfer::METHOD, Handler::Node(|call| Box::pin(fund_trans_uni_transfer::answer(call)))),
    (bill_downloadurl_query::METHOD, Handler::Node(|call| Box::pin(bill_downloadurl_query::answer(call)))),
    (app_alipaycert_download::METHOD, Handler::Node(|call| Box::pin(app_alipaycert_download::answer(call)))),
    (fund_trans_common_query::METHOD, Handler::Node(|call| Box::pin(fund_trans_common_query::answer(call)))),
    (fund_auth_freeze::METHOD, Handler::Node(|call| Box::pin(fund_auth_freeze::answer(call)))),
    (fund_auth_voucher_create::METHOD, Handler::Node(|call| Box::pin(fund_auth_voucher_create::answer(call)))),
    (fund_auth_unfreeze::METHOD, Handler::Node(|call| Box::pin(fund_auth_unfreeze::answer(call)))),
    (fund_auth_detail_query::METHOD, Handler::Node(|call| Box::pin(fund_auth_detail_query::answer(call)))),
    (system_oauth_token::METHOD, Handler::Node(|call| Box::pin(system_oauth_token::answer(call)))),
    (user_info_share::METHOD, Handler::Node(|call| Box::pin(user_info_share::answer(call)))),
    (fund_auth_cancel::METHOD, Handler::Node(|call| Box::pin(fund_auth_cancel::answer(call)))),
    (trade_order_settle::METHOD, Handler::Node(|call| Box::pin(trade_order_settle::answer(call)))),
    (trade_order_settle::QUERY_METHOD, Handler::Node(|call| Box::pin(trade_order_settle::query(call)))),
    (royalty_relation::BIND_METHOD, Handler::Node(|call| Box::pin(royalty_relation::bind(call)))),
    (royalty_relation::UNBIND_METHOD, Handler::Node(|call| Box::pin(royalty_relation::unbind(call)))),
    (royalty_relation::QUERY_METHOD, Handler::Node(|call| Box::pin(royalty_relation::query(call)))),
    (royalty_relation::RATE_METHOD, Handler::Node(|call| Box::pin(royalty_relation::rate(call)))),
    (
        app_pay::METHOD,
        Handler::OrderString { open: |call| Box::pin(app_pay::open(call)), tell: |call, who| app_pay::tell(call, who) },
    ),
    (
        fund_auth_app_freeze::METHOD,
        Handler::OrderString {
            open: |call| Box::pin(fund_auth_app_freeze::open(call)),
            tell: |call, who| fund_auth_app_freeze::tell(call, who),
        },
    ),
    (material_image_upload::METHOD, Handler::Node(|call| Box::pin(material_image_upload::answer(call)))),
];

/// The methods that take files.
const TAKE_FILES: &[&str] = &[material_image_upload::METHOD];

/// What answers the method of this name.
///
/// # Errors
/// `isv.invalid-method`.
pub fn handler(name: &str) -> Result<Handler, Failure> {
    let found = METHODS.iter().find(|(method, _)| *method == name);
    found.map(|(_, handler)| *handler).ok_or(Failure::new(gateway::INVALID_METHOD))
}

/// Whether a browser shows the answer to the method of this name, a failure too.
#[must_use]
pub fn is_page(name: &[u8]) -> bool {
    METHODS.iter().any(|(method, handler)| method.as_bytes() == name && matches!(handler, Handler::Page(_)))
}
