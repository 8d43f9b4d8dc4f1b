// SPDX-License-Identifier: Apache-2.0
//! Typed objects: nothing is lost on the way, which is what happens to fields that a type does not know.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use writeway_generate::{
    ExtraCapability, Mount, OnConflict, Own, Rendered, Seed, Size, Source, Tmp, TmpDirectory, User, Wait,
};

fn every_form() -> Vec<Rendered> {
    let app = User::new(1000, 2000).unwrap();
    let data = Mount::new("data", "/data").unwrap().sub_path("a").unwrap();
    let source = Source::secret("token", [("a", "b")]).unwrap();
    let size = || Size::parse("64Mi").unwrap();
    let directory = TmpDirectory::new(app);
    vec![
        Own::new(1000, 2000, [data.clone()])
            .unwrap()
            .capability(ExtraCapability::Fowner)
            .render(),
        Seed::new(app, source, "/token")
            .unwrap()
            .on_conflict(OnConflict::Source)
            .render(),
        Seed::new(app, Source::config_map("app", []).unwrap(), "/app")
            .unwrap()
            .render(),
        Tmp::disk("/tmp", size()).unwrap().render(),
        Tmp::memory("/tmp", size()).unwrap().render(),
        Tmp::directory("/tmp", size(), directory).unwrap().render(),
        Wait::new(["tcp://db:5432"], Duration::from_secs(60))
            .unwrap()
            .mount(data)
            .unwrap()
            .render(),
    ]
}

fn as_json(objects: &[impl Serialize]) -> Value {
    serde_json::to_value(objects).unwrap()
}

#[test]
fn typed_objects_are_the_same_as_plain_ones() {
    for rendered in every_form() {
        let typed = rendered.to_typed().unwrap();
        let plain = rendered.to_json();
        assert_eq!(as_json(&typed.init_containers), json!(plain.init_containers));
        assert_eq!(as_json(&typed.volumes), json!(plain.volumes));
        assert_eq!(as_json(&typed.volume_mounts), json!(plain.volume_mounts));
    }
}
