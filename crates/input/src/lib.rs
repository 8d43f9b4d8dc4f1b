// SPDX-License-Identifier: Apache-2.0
//! Floor 2: what the user names (files, folders, globs, standard input, charts) to documents in memory.
