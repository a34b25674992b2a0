//! `alipay.open.app.alipaycert.download`: the platform's certificate, for a client that was given a serial it does not know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Call;
use crate::codes::{GatewayCode, gateway};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.open.app.alipaycert.download";

/// Longest `alipay_cert_sn` that is read, in characters.
const SN_MAX_CHARACTERS: usize = 64;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let sn = call
        .fields()
        .text("alipay_cert_sn", SN_MAX_CHARACTERS)
        .map_err(|error| error.into_failure(gateway::INVALID_PARAMETER))?;
    let authority = call.alipay.authority.as_ref().filter(|authority| authority.platform_sn() == sn);
    let authority =
        authority.ok_or_else(|| Failure::with_detail(gateway::INVALID_PARAMETER, "no certificate has this serial"))?;
    Ok(Node::with_outcome(GatewayCode::Success).with("alipay_cert_content", STANDARD.encode(authority.platform_pem())))
}
