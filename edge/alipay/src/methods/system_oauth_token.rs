//! `alipay.system.oauth.token`: an app's tokens for a code, or for a refresh token. The one method whose answer has no `code`.

use sycee_engine::vault::TokenKind;

use super::Call;
use crate::codes::gateway;
use crate::oauth::grants::{ACCESS_SECONDS, REFRESH_SECONDS, exchange};
use crate::wire::failure::Failure;
use crate::wire::request::TOKEN_MAX_CHARACTERS;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.system.oauth.token";

/// Longest `grant_type` that is read, in characters.
const GRANT_TYPE_MAX_CHARACTERS: usize = 40;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let parameter = |name| call.request.parameter(name, TOKEN_MAX_CHARACTERS);
    let grant_type = call.request.parameter("grant_type", GRANT_TYPE_MAX_CHARACTERS)?;
    let (kind, text, missing) = match grant_type {
        Some("authorization_code") => (TokenKind::Code, parameter("code")?, gateway::CODE_INVALID),
        Some("refresh_token") => (TokenKind::Refresh, parameter("refresh_token")?, gateway::REFRESH_TOKEN_INVALID),
        _ => return Err(Failure::new(gateway::GRANT_TYPE_INVALID)),
    };
    let pair = exchange(call.alipay, call.app, kind, text.ok_or(Failure::new(missing))?).await?;
    Ok(Node::new()
        .with("access_token", pair.access)
        .with("alipay_user_id", pair.customer.to_string())
        .with("auth_start", call.time.write(pair.granted_at_ns))
        .with("expires_in", ACCESS_SECONDS.to_string())
        .with("re_expires_in", REFRESH_SECONDS.to_string())
        .with("refresh_token", pair.refresh)
        .with("user_id", pair.customer.to_string()))
}
