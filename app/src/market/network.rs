//! The network's terms, and who takes part.

use sycee_contract::{NetworkTerms, ParticipantTerms};

use super::convert::Reading;
use super::document::PackError;
use super::file::{Network, Participant};
use super::patterns;

/// The longest that a quote or its grace may last, seconds: a rate is somebody's risk.
const QUOTE_SECONDS: u32 = 3_600;

/// The longest window and the oldest rate, seconds.
const WEEK_SECONDS: u32 = 7 * 86_400;

/// A tenth of the price, basis points: no margin or fee is more.
const TENTH_BPS: u32 = 1_000;

pub(super) fn convert(
    network: Option<&Network>,
    is_network: bool,
    reading: &Reading<'_, '_>,
) -> Result<Option<NetworkTerms>, PackError> {
    let Some(network) = network else {
        reading.require(!is_network, "roles", || "a network needs [network]".into())?;
        return Ok(None);
    };
    reading.require(is_network, "network", || "[network] is only for a cell with the role network".into())?;
    let positive = |key: &str, figure, most| reading.positive(&format!("network.{key}"), figure, most);
    let tenth =
        |key: &str, figure| reading.bounded(&format!("network.{key}"), figure, TENTH_BPS, ", a tenth of the price");
    Ok(Some(NetworkTerms {
        margin_bps: tenth("margin_bps", &network.margin_bps)?,
        fee_bps: tenth("fee_bps", &network.fee_bps)?,
        fee_returned_on_refund: reading.figure("network.fee_returned_on_refund", &network.fee_returned_on_refund)?,
        quote_seconds: positive("quote_seconds", &network.quote_seconds, QUOTE_SECONDS)?,
        quote_grace_seconds: reading.bounded(
            "network.quote_grace_seconds",
            &network.quote_grace_seconds,
            QUOTE_SECONDS,
            ", an hour",
        )?,
        rate_max_age_seconds: positive("rate_max_age_seconds", &network.rate_max_age_seconds, WEEK_SECONDS)?,
        window_seconds: positive("window_seconds", &network.window_seconds, WEEK_SECONDS)?,
        participants: participants(&network.participants, reading)?,
    }))
}

fn participants(list: &[Participant], reading: &Reading<'_, '_>) -> Result<Vec<ParticipantTerms>, PackError> {
    let mut records: Vec<ParticipantTerms> = Vec::with_capacity(list.len());
    for (index, participant) in list.iter().enumerate() {
        let path = format!("network.participants.{index}");
        let at = |key: &str| format!("{path}.{key}");
        let name = &participant.cell;
        reading.source(&path, &participant.source)?;
        reading.require(!name.is_empty() && records.iter().all(|record| record.cell != *name), &at("cell"), || {
            format!("participant {name:?} has no name of its own")
        })?;
        let number = participant.cell_number;
        let is_new = (1..=99).contains(&number) && records.iter().all(|record| record.cell_number != number);
        reading.require(is_new, &at("cell_number"), || {
            format!("participant {name:?}: cell_number {number} is not between 1 and 99, or another's")
        })?;
        let currency = reading.currency(&at("currency"), &participant.currency)?;
        let net_debit_cap = reading.amount(&at("net_debit_cap_minor"), participant.net_debit_cap_minor)?;
        reading.patterns(&at("code_patterns"), &participant.code_patterns)?;
        for (place, pattern) in participant.code_patterns.iter().enumerate() {
            let theirs =
                |record: &&ParticipantTerms| record.code_patterns.iter().any(|other| patterns::overlap(other, pattern));
            if let Some(other) = records.iter().find(theirs) {
                let reason = format!("code pattern {pattern:?} of {name:?} overlaps one of {:?}", other.cell);
                return Err(reading.error(&format!("{path}.code_patterns.{place}"), reason));
            }
        }
        records.push(ParticipantTerms {
            cell: name.clone(),
            cell_number: number,
            currency,
            net_debit_cap,
            code_patterns: participant.code_patterns.clone(),
        });
    }
    Ok(records)
}
