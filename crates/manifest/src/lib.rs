// SPDX-License-Identifier: Apache-2.0
//! Floor 1: documents to objects. An own small model with a span on every field, workloads, and the inventory across files.
