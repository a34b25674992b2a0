//! `alipay.offline.material.image.upload`: a picture is kept and can be shown from then on. In both versions; its fields stand
//! beside the file, not in `biz_content`.
//!
//! The same picture of the same merchant again is the same number. Videos are not taken. The documentation lists one code for
//! whatever is wrong with the fields (`INVALID_PARAM`).

use sycee_engine::vault::KeptFile;
use tracing::error;

use super::Call;
use crate::codes::{GatewayCode, business};
use crate::files::{self, ImageKind, MERCHANT_FILES_MAX_BYTES};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.offline.material.image.upload";

/// As documented, in characters.
const TYPE_MAX_CHARACTERS: usize = 8;
const NAME_MAX_CHARACTERS: usize = 128;
const PARTNER_MAX_CHARACTERS: usize = 16;

fn invalid(detail: &str) -> Failure {
    Failure::with_detail(business::IMAGE_INVALID_PARAM, detail)
}

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let text = |field, most| {
        let text = call.request.parameter(field, most).map_err(|failure| invalid(&failure.message))?;
        text.ok_or_else(|| invalid(&format!("{field} is missing")))
    };
    let image_type = text("image_type", TYPE_MAX_CHARACTERS)?;
    // People's name of it: nobody asks for it later, so it is not kept.
    text("image_name", NAME_MAX_CHARACTERS)?;
    let partner = call.request.parameter("image_pid", PARTNER_MAX_CHARACTERS);
    let partner = partner.map_err(|failure| invalid(&failure.message))?;
    if partner.is_some_and(|partner| partner != call.merchant.to_string()) {
        return Err(invalid("image_pid is not the application's merchant"));
    }
    let kind =
        ImageKind::named(image_type).ok_or_else(|| invalid("image_type is none of jpg, jpeg, png, gif and bmp"))?;
    let content = call.file("image_content").ok_or_else(|| invalid("the file image_content is missing"))?;
    if !kind.begins(content) {
        return Err(invalid("image_content is not of the kind that image_type says"));
    }
    let file = KeptFile { owner: call.merchant, kind: kind.name.to_owned(), content: content.to_vec() };
    let vault = std::sync::Arc::clone(&call.cell.vault);
    let kept = tokio::task::spawn_blocking(move || vault.keep_file(&file, MERCHANT_FILES_MAX_BYTES)).await;
    let kept = match kept {
        Ok(Ok(kept)) => kept,
        Ok(Err(why)) => return Err(not_kept(&why)),
        Err(panicked) => return Err(not_kept(&panicked)),
    };
    let full = || invalid(&format!("the merchant's pictures would exceed {MERCHANT_FILES_MAX_BYTES} bytes"));
    let id = kept.ok_or_else(full)?;
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("image_id", id.to_text())
        .with("image_url", format!("{}{}", call.alipay.world.base_url, files::path(call.cell, id))))
}

fn not_kept(why: &dyn std::fmt::Display) -> Failure {
    error!("a picture is not kept: {why}");
    Failure::new(business::FUND_SYSTEM_ERROR)
}
