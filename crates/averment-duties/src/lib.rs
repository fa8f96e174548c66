//! What is owed to people whose data are kept: that data go when they are due, that everybody gets theirs, that erased is
//! erased, and that what is said about databases is looked at.

pub mod vendor;
