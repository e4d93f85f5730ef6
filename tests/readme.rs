//! The examples of the workspace's README, which are tests.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
