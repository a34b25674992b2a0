//! What the pages for people have in common: languages, the frame around each page, and who has signed in on one.
//!
//! They are HTML that works without scripts. Nothing on them comes from elsewhere, nothing runs, no other site can frame them, and
//! no cache keeps them.

pub(crate) mod form;
pub(crate) mod language;
pub(crate) mod sheet;
pub(crate) mod sign_in_form;
pub(crate) mod visitor;
