// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the facts of a saved image, read offline from its config and layers.
