// SPDX-License-Identifier: Apache-2.0
//! Reads LimitRanges.

use writeway_yaml::Node;

use super::{Fields, Reader, known};
use crate::LimitRange;
use crate::limits::LimitRangeItem;

pub(crate) fn limit_range(reader: &mut Reader, node: Node<'_>) -> Option<LimitRange> {
    reader.mapping(node, "", &[], |fields| {
        let items = fields.object("spec", known::LIMIT_RANGE_SPEC, |spec| {
            spec.objects("limits", known::LIMIT_RANGE_ITEM, item)
        });
        let items = items.flatten().unwrap_or_default();
        LimitRange::from_items(fields.span(), items.into_iter().flatten())
    })
}

/// An item of type `Container`.
fn item(fields: &mut Fields<'_, '_>) -> Option<LimitRangeItem> {
    let kind = fields.required("type");
    let item = LimitRangeItem {
        max: fields.quantities("max"),
        min: fields.quantities("min"),
        default: fields.quantities("default"),
        default_request: fields.quantities("defaultRequest"),
    };
    (*kind == "Container").then_some(item)
}
