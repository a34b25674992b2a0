//! Frames and replies as bytes: forged, replayed, for somebody else, cut off anywhere, too long.

use sycee_contract::encode;
use sycee_contract::link::Message;
use sycee_engine::limits;
use sycee_engine::links::{BadFrame, Frame, FrameMessage, FrameReply, LinkKey, PeerKey, UnverifiedFrame, frame_digest};

fn key() -> LinkKey {
    LinkKey::generate().unwrap().0
}

fn message(body: &[u8], evidence: bool) -> FrameMessage {
    let message = Message { kind: 0xE001, version: 1, sent_at_ns: 7, body: body.to_vec(), evidence };
    FrameMessage { message, signature: None }
}

fn frame() -> Frame {
    Frame { from: 1, to: 2, first_sequence: 5, messages: vec![message(b"one", false), message(b"two", true)] }
}

fn read(bytes: &[u8], by: &PeerKey) -> Result<Frame, BadFrame> {
    UnverifiedFrame::read(bytes)?.verify(by)
}

#[test]
fn a_signed_frame_is_read_as_it_was_and_its_evidence_stands_alone() {
    let sender = key();
    let got = read(&frame().sign(&sender), &sender.public()).unwrap();
    let signatures: Vec<bool> = got.messages.iter().map(|each| each.signature.is_some()).collect();
    assert_eq!(signatures, [false, true]);
    let evidence = &got.messages[1];
    let bytes = sycee_contract::link::signed_bytes(1, 2, 6, &evidence.message);
    assert!(sender.public().verifies(&bytes, evidence.signature.as_ref().unwrap()));
    let elsewhere = sycee_contract::link::signed_bytes(1, 2, 5, &evidence.message);
    assert!(!sender.public().verifies(&elsewhere, evidence.signature.as_ref().unwrap()), "another place");
}

#[test]
fn a_frame_by_another_key_or_changed_anywhere_or_cut_off_anywhere_is_not_taken() {
    let (sender, other) = (key(), key());
    let bytes = frame().sign(&sender);
    assert_eq!(read(&frame().sign(&other), &sender.public()), Err(BadFrame::BadSignature));
    for at in 0..bytes.len() {
        assert!(read(&bytes[..at], &sender.public()).is_err(), "cut off at {at}");
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(read(&changed, &sender.public()).is_err(), "bit {bit} of byte {at}");
        }
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(read(&longer, &sender.public()), Err(BadFrame::Malformed));
}

#[test]
fn evidence_without_a_good_signature_of_its_own_is_not_taken_even_in_a_good_frame() {
    // The outer signature is the sender's; what it covers was put together by hand.
    #[derive(minicbor::Encode)]
    struct Signed(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>);
    let sender = key();
    let by_hand = |frame: &Frame| {
        let content = encode(frame);
        let signature = sender.sign(&[b"sycee link frame 1\0".as_slice(), &content].concat());
        encode(&Signed(content, signature))
    };
    let good = read(&frame().sign(&sender), &sender.public()).unwrap();
    let with = |index: usize, signature: Option<Vec<u8>>| {
        let mut frame = good.clone();
        frame.messages[index].signature = signature;
        by_hand(&frame)
    };
    let real = good.messages[1].signature.clone();
    assert!(read(&by_hand(&good), &sender.public()).is_ok());
    for (what, bytes) in [
        ("none", with(1, None)),
        ("forged", with(1, Some(vec![7; 64]))),
        ("of another length", with(1, Some(vec![7; 3]))),
        ("where none belongs", with(0, real)),
    ] {
        assert_eq!(read(&bytes, &sender.public()), Err(BadFrame::BadSignature), "{what}");
    }
}

#[test]
fn frames_have_bounds() {
    let sender = key();
    let many = |count: usize| Frame { messages: vec![message(b"", false); count], ..frame() };
    assert!(read(&many(limits::FRAME_MESSAGES_MAX).sign(&sender), &sender.public()).is_ok());
    let last = Frame { first_sequence: u64::MAX - 1, ..frame() };
    assert!(read(&last.sign(&sender), &sender.public()).is_ok(), "the last two places that there are");
    let cases = [
        ("messages", many(limits::FRAME_MESSAGES_MAX + 1), BadFrame::TooLong),
        (
            "bytes",
            Frame { messages: vec![message(&vec![0; limits::FRAME_BYTES_MAX], false)], ..frame() },
            BadFrame::TooLong,
        ),
        ("place 0", Frame { first_sequence: 0, ..frame() }, BadFrame::Malformed),
        ("places without end", Frame { first_sequence: u64::MAX, ..frame() }, BadFrame::Malformed),
    ];
    for (what, frame, expected) in cases {
        assert_eq!(read(&frame.sign(&sender), &sender.public()), Err(expected), "{what}");
    }
    assert_eq!(read(&[0x9f; 100_000], &sender.public()), Err(BadFrame::Malformed), "nested without end");
}

#[test]
fn a_reply_is_believed_only_from_the_peer_and_to_this_very_frame() {
    let (peer, other) = (key(), key());
    let (sent, another) = (b"frame".as_slice(), b"another".as_slice());
    let reply = FrameReply { from: 2, to: 1, received: 9, busy: false, answers: frame_digest(sent) };
    let read = |bytes: &[u8]| FrameReply::read(bytes, sent, 2, 1, &peer.public());
    assert_eq!(read(&reply.sign(&peer)), Ok(reply));
    for (what, bytes, expected) in [
        ("forged", reply.sign(&other), BadFrame::BadSignature),
        ("of another cell", FrameReply { from: 3, ..reply }.sign(&peer), BadFrame::NotLinked),
        ("to another cell", FrameReply { to: 3, ..reply }.sign(&peer), BadFrame::NotLinked),
        ("to another frame", FrameReply { answers: frame_digest(another), ..reply }.sign(&peer), BadFrame::NotLinked),
        ("a frame", frame().sign(&peer), BadFrame::BadSignature),
        ("too long", vec![0; limits::FRAME_REPLY_BYTES_MAX + 1], BadFrame::TooLong),
        ("nothing", Vec::new(), BadFrame::Malformed),
    ] {
        assert_eq!(read(&bytes), Err(expected), "{what}");
    }
    let bytes = reply.sign(&peer);
    for at in 0..bytes.len() {
        assert!(read(&bytes[..at]).is_err(), "cut off at {at}");
    }
}
