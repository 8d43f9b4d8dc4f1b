// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the rules, one file each, in one table, and the engine that runs them.
