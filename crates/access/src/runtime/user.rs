// SPDX-License-Identifier: Apache-2.0
//! kubelet's and the runtime's checks of who a container runs as.

use writeway_manifest::Container;

use crate::identity::{self, ImageUser};
use crate::volume::Setup;

impl Setup<'_> {
    /// kubelet's check of `runAsNonRoot` (security_context_others.go, verifyRunAsNonRoot), and ids that a user
    /// namespace does not map.
    pub(crate) fn verify_user(&mut self, container: &Container) {
        let image_name = container.image.as_ref().map_or("", |image| image.as_str());
        let image = self.context.facts.image(image_name);
        let pod = &self.workload.pod;
        let name = container.name.as_str();
        let user = identity::run_as_user(pod, container);
        if identity::run_as_non_root(pod, container) {
            let field = container
                .security
                .run_as_non_root
                .or(pod.security.run_as_non_root);
            let span = field.map_or(container.span, |field| field.span);
            match (user, identity::image_user(image)) {
                (Some(0), _) => self.startup.fail(
                    format!("container `{name}`: runAsNonRoot is true and runAsUser is 0, so kubelet never starts it"),
                    span,
                ),
                (Some(_), _) => {}
                (None, ImageUser::Uid(0)) => self.startup.fail(
                    format!("container `{name}`: runAsNonRoot is true and image `{image_name}` runs as root"),
                    span,
                ),
                (None, ImageUser::Uid(_)) => {}
                (None, ImageUser::Name(user)) => self.startup.fail(
                    format!(
                        "container `{name}`: runAsNonRoot is true and image `{image_name}` has the non-numeric user \
                         `{user}`, which kubelet cannot verify"
                    ),
                    span,
                ),
                (None, ImageUser::Unknown) => self.startup.doubt(
                    format!(
                        "container `{name}`: runAsNonRoot is true without runAsUser: it starts only if the USER of image \
                         `{image_name}` is a number other than 0, which no fact states"
                    ),
                    span,
                ),
            }
        }
        if let (None, ImageUser::Name(user), Some(users)) = (
            user,
            identity::image_user(image),
            image.and_then(|image| image.users.as_ref()),
        ) && !users.contains_key(&user)
        {
            self.startup.fail(
                format!(
                    "container `{name}`: image `{image_name}` runs as `{user}`, who is not in its /etc/passwd"
                ),
                container
                    .image
                    .as_ref()
                    .map_or(container.span, |image| image.span),
            );
        }
    }
}
