// SPDX-License-Identifier: Apache-2.0
//! How a reference in a manifest finds its facts.

use crate::reference::normal_form;
use crate::{Facts, ImageFacts, ImageReference};

impl Facts {
    /// The facts of an image: under the reference as written, then with the default registry and tag made explicit on
    /// both sides (`nginx` is `docker.io/library/nginx:latest`), then under any name with the same digest.
    pub fn image(&self, reference: &str) -> Option<&ImageFacts> {
        if let Some(image) = self.images.get(reference) {
            return Some(image);
        }
        let wanted = ImageReference::parse(reference).ok()?;
        let normal = wanted.to_string();
        let same_name = self.images.iter().find(|(key, _)| normal_form(key) == normal);
        let found = same_name.or_else(|| {
            let digest = wanted.digest()?;
            self.images.iter().find(|(key, _)| {
                key.contains('@')
                    && ImageReference::parse(key).is_ok_and(|known| known.digest() == Some(digest))
            })
        });
        found.map(|(_, image)| image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Facts whose images carry their own key as user.
    fn facts(keys: &[&str]) -> Facts {
        let image = |key: &str| ImageFacts {
            user: Some(key.to_owned()),
            ..ImageFacts::default()
        };
        Facts {
            images: keys.iter().map(|key| ((*key).to_owned(), image(key))).collect(),
            ..Facts::default()
        }
    }

    #[test]
    fn images_are_found_under_every_spelling_of_their_name() {
        let by_digest = format!("acme/app@{DIGEST}");
        let facts = facts(&[
            "nginx",
            "docker.io/library/redis:7",
            "acme/app:1",
            "registry:5000/x",
            "localhost/x:1",
            "saved image.tar",
            &by_digest,
        ]);
        let other_name = format!("quay.io/acme/mirror:2@{DIGEST}");
        let unknown_digest = format!("acme/app:1@{}", DIGEST.replace('e', "f"));
        for (reference, key) in [
            ("nginx", Some("nginx")),
            ("nginx:latest", Some("nginx")),
            ("docker.io/nginx", Some("nginx")),
            ("index.docker.io/library/nginx:latest", Some("nginx")),
            ("nginx:1", None),
            ("redis:7", Some("docker.io/library/redis:7")),
            ("redis", None),
            ("docker.io/acme/app:1", Some("acme/app:1")),
            ("registry:5000/x:latest", Some("registry:5000/x")),
            ("registry/x", None),
            ("localhost/x:1", Some("localhost/x:1")),
            ("saved image.tar", Some("saved image.tar")),
            ("SAVED", None),
            ("", None),
            (by_digest.as_str(), Some(by_digest.as_str())),
            (other_name.as_str(), Some(by_digest.as_str())),
            // A digest names other content than the tag beside it may have today.
            (unknown_digest.as_str(), None),
        ] {
            let found = facts.image(reference).and_then(|image| image.user.as_deref());
            assert_eq!(found, key, "{reference}");
        }
    }

    #[test]
    fn the_spelling_of_the_manifest_comes_first() {
        let facts = facts(&["docker.io/library/nginx:latest", "nginx"]);
        let user = |reference| facts.image(reference).and_then(|image| image.user.as_deref());
        assert_eq!(user("nginx"), Some("nginx"));
        assert_eq!(
            user("docker.io/library/nginx:latest"),
            Some("docker.io/library/nginx:latest")
        );
    }
}
