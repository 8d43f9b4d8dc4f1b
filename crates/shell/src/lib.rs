// SPDX-License-Identifier: Apache-2.0
//! Floor 0: text. Shell scripts as an own small tree. Knows no Kubernetes.
