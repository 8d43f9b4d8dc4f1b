// SPDX-License-Identifier: Apache-2.0
//! Floor 0: text. The spanned tree of a whole YAML stream, with Kubernetes' scalar rules. Knows no Kubernetes.
