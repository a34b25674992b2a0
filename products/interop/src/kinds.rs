//! What each kind of message must be: who may say it, whether it is evidence, whether it may owe anything. Whatever is not so
//! is parked unread, and what its envelope says is owed is in suspense.

use crate::message::{
    ACCEPTED, ASK_PRICE, CANCEL, COLLECT, COLLECT_REFUSED, DELIVER, DELIVERED, DIRECTORY, DRAINING, ENQUIRE, INQUIRE,
    NOT_DELIVERED, PAY, PREFUNDED, PRESENT, PRICED, QUOTED, REFUND, REFUSED, RETURN, SEND_MONEY, SETTLED, STANDING,
    WINDOW_ANSWER, WINDOW_TOTALS,
};

/// Who may say something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Speaker {
    /// The network, to a participant.
    Network,
    /// A participant, to the network.
    Participant,
    /// Either, to the other.
    Either,
}

/// What a kind of message must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    number: u16,
    speaker: Speaker,
    evidence: bool,
    owes: bool,
}

const fn kind(number: u16, speaker: Speaker, evidence: bool, owes: bool) -> Kind {
    Kind { number, speaker, evidence, owes }
}

const KINDS: &[Kind] = &{
    use Speaker::{Either, Network, Participant};
    [
        kind(ENQUIRE, Participant, false, false),
        kind(ASK_PRICE, Network, false, false),
        kind(PRICED, Participant, false, false),
        kind(QUOTED, Network, true, false),
        kind(PAY, Participant, false, false),
        kind(SEND_MONEY, Participant, false, false),
        kind(DELIVER, Network, false, false),
        kind(DELIVERED, Participant, false, true),
        kind(NOT_DELIVERED, Participant, true, false),
        kind(ACCEPTED, Network, true, true),
        kind(REFUSED, Network, true, false),
        kind(REFUND, Participant, false, true),
        kind(RETURN, Network, true, true),
        kind(COLLECT, Participant, false, false),
        kind(PRESENT, Network, true, false),
        kind(COLLECT_REFUSED, Either, false, false),
        kind(INQUIRE, Participant, false, false),
        kind(STANDING, Network, true, false),
        kind(DIRECTORY, Network, false, false),
        kind(DRAINING, Network, false, false),
        kind(WINDOW_TOTALS, Participant, true, false),
        kind(WINDOW_ANSWER, Network, true, false),
        kind(SETTLED, Network, true, true),
        kind(PREFUNDED, Network, true, false),
        kind(CANCEL, Either, true, false),
    ]
};

/// The kind of this number.
pub(crate) fn find(number: u16) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.number == number)
}

impl Kind {
    /// Why a message of this kind cannot be read here; `None` if it can.
    pub(crate) fn objection(&self, is_network: bool, is_evidence: bool, owes: bool) -> Option<&'static str> {
        let spoken_here = match self.speaker {
            Speaker::Network => !is_network,
            Speaker::Participant => is_network,
            Speaker::Either => true,
        };
        if !spoken_here {
            Some("that cell may not say this here")
        } else if self.evidence && !is_evidence {
            Some("it must be signed by itself")
        } else if owes && !self.owes {
            Some("a message of this kind makes nothing owed")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_stands_once_and_says_who_may_say_it() {
        for (index, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..index].iter().all(|other| other.number != kind.number), "{kind:?}");
        }
        assert_eq!(KINDS.len(), 25);
        let table = [
            // kind, at the network, evidence, owes, objected
            (PAY, true, false, false, false),
            (PAY, false, false, false, true),
            (PAY, true, false, true, true),
            (REFUSED, false, true, false, false),
            (REFUSED, false, false, false, true),
            (REFUSED, true, true, false, true),
            (ACCEPTED, false, true, true, false),
            (CANCEL, true, true, false, false),
            (CANCEL, false, true, false, false),
            (CANCEL, false, false, false, true),
        ];
        for (number, is_network, is_evidence, owes, objected) in table {
            let objection = find(number).unwrap().objection(is_network, is_evidence, owes);
            assert_eq!(objection.is_some(), objected, "{number:#06x} {is_network} {is_evidence} {owes}: {objection:?}");
        }
        assert!(find(0x05ff).is_none());
    }
}
