// SPDX-License-Identifier: Apache-2.0
//! How much a stream may cost before it is refused.

/// Bounds on memory and depth. Every bound that is hit becomes a located error, never a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text in one stream; values above 2 GiB act as 2 GiB. Default 64 MiB: twenty times the largest
    /// object that an API server takes (3 MiB).
    pub max_bytes: usize,
    /// Collections inside each other, counted through aliases too, so that a reader may recurse on its own
    /// stack. Default 256: the deepest schemas of real custom resource definitions stay below 100.
    pub max_depth: usize,
    /// Nodes of a whole stream as written. A node takes 24 bytes. Default 10 million (240 MB).
    pub max_nodes: usize,
    /// Nodes that one document repeats through aliases; every 256 bytes of a repeated scalar count as one more.
    /// Default 400,000, the number that go-yaml v2 (`decode.go`, `allowedAliasRatio`) lets aliases account for in
    /// documents of ordinary size.
    pub max_alias_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_depth: 256,
            max_nodes: 10_000_000,
            max_alias_nodes: 400_000,
        }
    }
}
