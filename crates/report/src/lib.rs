// SPDX-License-Identifier: Apache-2.0
//! Floor 3: maps and findings for people and machines.
