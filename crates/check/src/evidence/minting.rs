// SPDX-License-Identifier: Apache-2.0
//! Commands that mint credentials: requests to the endpoints of servers that hand out tokens, and their own programs.

use writeway_shell::Part;

use crate::evidence::commands::Invocation;
use crate::evidence::http_request::{HttpRequest, here_document, is_at};
use crate::evidence::word_text::{WordText, is_mark};

/// How long a token is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// For ever: the server knows no expiry of tokens.
    Endless,
    /// For ever, unless this field of the request, or option of the program, says otherwise; 0 says nothing.
    Unless(&'static str),
    /// As long as this field says, where -1 is for ever.
    MinusOne(&'static str),
    /// The server or its settings end it.
    Bounded,
}

const ARGO_CD: &str = "Argo CD";

/// An endpoint that mints.
struct Endpoint {
    server: &'static str,
    /// What the path has before [`Self::path`].
    prefix: &'static str,
    /// The end of the path; `*` is any one component.
    path: &'static str,
    /// The field with the name that the caller chooses.
    name: Option<&'static str>,
    lifetime: Lifetime,
    /// The server refuses a second token of a name.
    unique: bool,
}

const fn endpoint(
    server: &'static str,
    prefix: &'static str,
    path: &'static str,
    name: &'static str,
    lifetime: Lifetime,
    unique: bool,
) -> Endpoint {
    Endpoint {
        server,
        prefix,
        path,
        name: Some(name),
        lifetime,
        unique,
    }
}

/// The table. Sources:
/// Gitea and Forgejo: routers/api/v1/user/app.go, CreateAccessToken (no expiry in CreateAccessTokenOption; 400 "access
/// token name has been used already"). GitLab: docs, api/project_access_tokens, api/group_access_tokens,
/// api/personal_access_tokens (`expires_at` is the longest time allowed when left out), api/deploy_tokens ("does not expire
/// if no value is provided"). Grafana: docs, HTTP API, service account (`secondsToLive`; a name is refused when it is taken).
/// Harbor: api/v2.0/swagger.yaml, RobotCreate ("duration must be either -1(Never) or a positive integer"; 409). Argo CD:
/// server/account/account.proto, CreateTokenRequest; "argocd account generate-token" ("Default: No expiration"; "Fall back to
/// uuid"). SonarQube: api/user_tokens/generate (`expirationDate`). Vault: docs, AppRole API (the role has `secret_id_ttl`).
/// Keycloak: docs, Admin REST API (a new secret replaces the old one). GitHub: docs, REST API, "Create an installation access
/// token for an app" (one hour). Kubernetes: authentication.k8s.io/v1, TokenRequest.
const ENDPOINTS: &[Endpoint] = &[
    endpoint(
        "Gitea",
        "api/v1",
        "users/*/tokens",
        "name",
        Lifetime::Endless,
        true,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "projects/*/access_tokens",
        "name",
        Lifetime::Bounded,
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "groups/*/access_tokens",
        "name",
        Lifetime::Bounded,
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "users/*/personal_access_tokens",
        "name",
        Lifetime::Bounded,
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "user/personal_access_tokens",
        "name",
        Lifetime::Bounded,
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "users/*/impersonation_tokens",
        "name",
        Lifetime::Bounded,
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "projects/*/deploy_tokens",
        "name",
        Lifetime::Unless("expires_at"),
        false,
    ),
    endpoint(
        "GitLab",
        "api/v4",
        "groups/*/deploy_tokens",
        "name",
        Lifetime::Unless("expires_at"),
        false,
    ),
    endpoint(
        "Grafana",
        "api",
        "serviceaccounts/*/tokens",
        "name",
        Lifetime::Unless("secondsToLive"),
        true,
    ),
    endpoint(
        "Grafana",
        "api",
        "auth/keys",
        "name",
        Lifetime::Unless("secondsToLive"),
        true,
    ),
    endpoint(
        "Harbor",
        "api/v2.0",
        "robots",
        "name",
        Lifetime::MinusOne("duration"),
        true,
    ),
    endpoint(
        ARGO_CD,
        "api/v1",
        "account/*/token",
        "id",
        Lifetime::Unless("expiresIn"),
        true,
    ),
    endpoint(
        "SonarQube",
        "api",
        "user_tokens/generate",
        "name",
        Lifetime::Unless("expirationDate"),
        true,
    ),
    Endpoint {
        name: None,
        ..endpoint(
            "Vault",
            "v1",
            "auth/*/role/*/secret-id",
            "",
            Lifetime::Bounded,
            false,
        )
    },
    Endpoint {
        name: None,
        ..endpoint(
            "Keycloak",
            "admin/realms/*",
            "clients/*/client-secret",
            "",
            Lifetime::Bounded,
            true,
        )
    },
    Endpoint {
        name: None,
        ..endpoint(
            "GitHub",
            "app",
            "installations/*/access_tokens",
            "",
            Lifetime::Bounded,
            false,
        )
    },
    Endpoint {
        name: None,
        ..endpoint(
            "Kubernetes",
            "api/v1/namespaces/*",
            "serviceaccounts/*/token",
            "",
            Lifetime::Bounded,
            false,
        )
    },
];

/// A program that mints.
struct Program {
    server: &'static str,
    programs: &'static [&'static str],
    /// The words of the command, one behind the other.
    words: &'static [&'static str],
    /// Options with the name that the caller chooses.
    name: &'static [&'static str],
    /// Options with the expiry.
    expiry: &'static [&'static str],
    lifetime: Lifetime,
}

/// Gitea: cmd/admin_user_generate_access_token.go. Argo CD: "argocd account generate-token", "argocd proj role create-token".
const PROGRAMS: &[Program] = &[
    Program {
        server: "Gitea",
        programs: &["gitea", "forgejo"],
        words: &["admin", "user", "generate-access-token"],
        name: &["--token-name", "-t"],
        expiry: &[],
        lifetime: Lifetime::Endless,
    },
    Program {
        server: ARGO_CD,
        programs: &["argocd"],
        words: &["account", "generate-token"],
        name: &["--id"],
        expiry: &["--expires-in", "-e"],
        lifetime: Lifetime::Unless("--expires-in"),
    },
    Program {
        server: ARGO_CD,
        programs: &["argocd"],
        words: &["proj", "role", "create-token"],
        name: &["--id", "-i"],
        expiry: &["--expires-in", "-e"],
        lifetime: Lifetime::Unless("--expires-in"),
    },
];

/// What a request says of one of its fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field<'a> {
    /// It is not there.
    Absent,
    /// Nobody knows what is sent.
    Unknown,
    /// Its value, a string without its quotes.
    Is(WordText<'a>),
}

/// A command that mints.
#[derive(Debug, Clone)]
pub(crate) struct Mint<'a> {
    /// The command.
    pub(crate) command: &'a Invocation,
    /// Whose token it is: `Gitea`.
    pub(crate) server: &'static str,
    /// The name that is chosen for it.
    pub(crate) name: Field<'a>,
    /// How long it is valid by the server's rules.
    pub(crate) lifetime: Lifetime,
    /// What the request says of its end, where it can.
    pub(crate) expiry: Field<'a>,
    /// The server refuses a second token of the name.
    pub(crate) unique: bool,
    /// Without a name the server makes up a random one.
    pub(crate) unnamed_is_random: bool,
}

impl Mint<'_> {
    /// What is minted, for a sentence: `a Gitea token`, `an Argo CD token`.
    pub(crate) fn what(&self) -> String {
        let article = if self.server.starts_with('A') { "an" } else { "a" };
        format!("{article} {} token", self.server)
    }

    /// Whether the token is certain to be valid for ever.
    pub(crate) fn never_ends(&self) -> bool {
        match (self.lifetime, &self.expiry) {
            (Lifetime::Endless, _) | (Lifetime::Unless(_), Field::Absent) => true,
            (Lifetime::Unless(_), Field::Is(value)) => matches!(value.text(), "0" | "0s" | "null" | ""),
            (Lifetime::MinusOne(_), Field::Is(value)) => value.text() == "-1",
            _ => false,
        }
    }
}

/// The commands of a container that mint.
pub(crate) fn mints(found: &[Invocation]) -> Vec<Mint<'_>> {
    let of_program = |command| PROGRAMS.iter().find_map(|program| by_program(command, program));
    found
        .iter()
        .filter_map(|command| by_request(found, command).or_else(|| of_program(command)))
        .collect()
}

/// Whether a command takes tokens of a server back.
pub(crate) fn revokes(command: &Invocation, server: &str) -> bool {
    let Some(request) = HttpRequest::of(command) else {
        let words: Vec<&str> = command.texts().collect();
        let deletes = words
            .windows(2)
            .any(|words| matches!(words, ["account" | "role", "delete-token"]));
        return server == ARGO_CD && deletes;
    };
    let address = request.address();
    let mut rows = ENDPOINTS.iter().filter(|row| row.server == server);
    rows.any(|row| {
        let below = format!("{}/*", row.path);
        (request.method == "DELETE" && is_at(address, row.prefix, &below))
            || (row.server == "SonarQube" && is_at(address, row.prefix, "user_tokens/revoke"))
    })
}

fn by_request<'a>(found: &'a [Invocation], command: &'a Invocation) -> Option<Mint<'a>> {
    let request = HttpRequest::of(command)?;
    let mints = matches!(request.method.as_str(), "POST" | "PUT");
    let row = ENDPOINTS
        .iter()
        .find(|row| mints && is_at(request.address(), row.prefix, row.path))?;
    let bodies = bodies(found, command, &request);
    let field = |name: &str| field_of(&bodies, name);
    let expiry = match row.lifetime {
        Lifetime::Unless(name) | Lifetime::MinusOne(name) => field(name),
        Lifetime::Endless | Lifetime::Bounded => Field::Absent,
    };
    Some(Mint {
        command,
        server: row.server,
        name: row.name.map_or(Field::Absent, field),
        lifetime: row.lifetime,
        expiry,
        unique: row.unique,
        unnamed_is_random: row.server == ARGO_CD,
    })
}

fn by_program<'a>(command: &'a Invocation, row: &Program) -> Option<Mint<'a>> {
    let words: Vec<WordText<'a>> = command
        .arguments
        .iter()
        .map(|argument| WordText::of(&argument.expanded))
        .collect();
    // `kubectl exec POD -- gitea …` runs it, too.
    let is_program = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or(word);
        row.programs.contains(&name)
    };
    let hands_on = matches!(
        command.name.as_str(),
        "kubectl" | "oc" | "su" | "docker" | "nsenter" | "chroot"
    );
    let runs = is_program(&command.name) || (hands_on && words.iter().any(|word| is_program(word.text())));
    let texts: Vec<&str> = words.iter().map(WordText::text).collect();
    if !runs || !texts.windows(row.words.len()).any(|window| window == row.words) {
        return None;
    }
    let option = |names: &[&str]| {
        let found = words.iter().enumerate().find_map(|(at, word)| {
            if names.contains(&word.text()) {
                return words.get(at + 1).cloned();
            }
            let (name, value) = word.text().split_once('=')?;
            names.contains(&name).then(|| word.part(value))
        });
        found.map_or(Field::Absent, Field::Is)
    };
    Some(Mint {
        command,
        server: row.server,
        name: option(row.name),
        lifetime: row.lifetime,
        expiry: option(row.expiry),
        unique: true,
        unnamed_is_random: row.server == ARGO_CD,
    })
}

/// What a request sends.
enum Body<'a> {
    /// A document, a form field, or a query.
    Text(WordText<'a>),
    /// What jq makes of a filter and its arguments.
    Jq {
        filter: WordText<'a>,
        arguments: Vec<(String, WordText<'a>)>,
    },
    Unknown,
}

fn bodies<'a>(found: &'a [Invocation], command: &'a Invocation, request: &HttpRequest<'a>) -> Vec<Body<'a>> {
    let query = request.url.part(request.query());
    let bodies = request
        .bodies
        .iter()
        .map(|body| match body.text().strip_prefix('@') {
            None => Body::Text(body.clone()),
            Some("-") => here_document(command)
                .map(Body::Text)
                .or_else(|| {
                    let before = found.iter().take_while(|other| !std::ptr::eq(*other, command));
                    let piped = before.filter(|other| other.pipeline == command.pipeline);
                    piped.last().map(written_by)
                })
                .unwrap_or(Body::Unknown),
            Some(file) => {
                let writes = |other: &&Invocation| {
                    let written = other.file.as_ref().and_then(|written| written.text.as_deref());
                    written == Some(file)
                };
                found.iter().rfind(writes).map_or(Body::Unknown, written_by)
            }
        });
    bodies.chain([Body::Text(query)]).collect()
}

/// What a command writes to its standard output.
fn written_by(command: &Invocation) -> Body<'_> {
    let mut words = command
        .arguments
        .iter()
        .map(|argument| WordText::of(&argument.expanded));
    match command.name.as_str() {
        "cat" => here_document(command).map_or(Body::Unknown, Body::Text),
        "echo" | "printf" => {
            let text = words.find(|word| !word.text().starts_with('-'));
            let text = text.filter(|text| command.name == "echo" || !text.text().contains('%'));
            text.map_or(Body::Unknown, Body::Text)
        }
        "jq" => {
            let mut filter = None;
            let mut arguments = Vec::new();
            while let Some(word) = words.next() {
                match word.text() {
                    "--arg" | "--argjson" => {
                        if let (Some(name), Some(value)) = (words.next(), words.next()) {
                            arguments.push((name.text().to_owned(), value));
                        }
                    }
                    "--rawfile" | "--slurpfile" => {
                        words.nth(1);
                    }
                    "--indent" => {
                        words.next();
                    }
                    text if text.starts_with('-') => {}
                    _ if filter.is_none() => filter = Some(word),
                    _ => {}
                }
            }
            filter.map_or(Body::Unknown, |filter| Body::Jq { filter, arguments })
        }
        _ => Body::Unknown,
    }
}

fn field_of<'a>(bodies: &[Body<'a>], name: &str) -> Field<'a> {
    let mut fields = bodies.iter().map(|body| match body {
        Body::Unknown => Field::Unknown,
        Body::Text(text) => in_text(text, name),
        Body::Jq { filter, arguments } => in_filter(filter, arguments, name),
    });
    let mut unknown = false;
    let known = fields.find(|field| {
        unknown |= *field == Field::Unknown;
        matches!(field, Field::Is(_))
    });
    known.unwrap_or(if unknown { Field::Unknown } else { Field::Absent })
}

/// A field of JSON, of a form (`name=value`) or of a query.
fn in_text<'a>(body: &WordText<'a>, name: &str) -> Field<'a> {
    let text = body.text();
    let document = text.trim_start();
    // `"$BODY"`, `$(make_body)`.
    if document.starts_with(is_mark) && !document.contains(['=', '{']) {
        return Field::Unknown;
    }
    if document.starts_with('{') {
        let value = value_behind(document, &format!("\"{name}\""));
        return value.map_or(Field::Absent, |value| Field::Is(body.part(unquoted(value))));
    }
    let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map_or(Field::Absent, |(_, value)| Field::Is(body.part(value)))
}

/// A field of the object that a jq filter makes.
fn in_filter<'a>(filter: &WordText<'a>, arguments: &[(String, WordText<'a>)], name: &str) -> Field<'a> {
    let text = filter.text();
    let quoted = format!("\"{name}\"");
    let key = [quoted.as_str(), name]
        .into_iter()
        .find_map(|key| value_behind(text, key));
    let Some(value) = key else {
        // `{name, scopes}` and `$ARGS.named` take what they have from elsewhere.
        let elsewhere = text.contains(name) || text.contains("$ARGS") || text.contains(is_mark);
        return if elsewhere { Field::Unknown } else { Field::Absent };
    };
    match value.strip_prefix('$') {
        Some(variable) => {
            let argument = arguments.iter().find(|(name, _)| name == variable);
            argument.map_or(Field::Unknown, |(_, value)| Field::Is(value.clone()))
        }
        None if value.starts_with('"') || value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            Field::Is(filter.part(unquoted(value)))
        }
        None => Field::Unknown,
    }
}

/// The value behind a key and its colon: up to the closing quote of a string, else to what ends a value.
fn value_behind<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.match_indices(key).find_map(|(at, _)| {
        let is_word = |character: char| character.is_ascii_alphanumeric() || "_.$\"".contains(character);
        if text[..at].ends_with(is_word) {
            return None;
        }
        let value = text[at + key.len()..]
            .trim_start()
            .strip_prefix(':')?
            .trim_start();
        let end = match value.strip_prefix('"') {
            Some(string) => string.find('"').map_or(value.len(), |end| end + 2),
            None => value.find([',', '}', ')', '|', '\n', ' ']).unwrap_or(value.len()),
        };
        Some(&value[..end])
    })
}

fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .map_or(value, |value| value.trim_end_matches('"'))
}

/// What makes a text another one at each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The time, or a random number.
    EachRun,
    /// The pod's name.
    EachPod,
}

/// What makes a text another one at each run, with its words for people: `date +%s`.
pub(crate) fn changing(text: &WordText<'_>) -> Option<(Change, String)> {
    text.expansions().find_map(|part| match part {
        Part::Parameter(parameter) => {
            let change = match parameter.name.as_str() {
                "RANDOM" | "SRANDOM" | "EPOCHSECONDS" | "EPOCHREALTIME" => Change::EachRun,
                "HOSTNAME" => Change::EachPod,
                _ => return None,
            };
            Some((change, format!("${}", parameter.name)))
        }
        Part::CommandSubstitution { list, .. } => {
            let pipelines = list.iter().map(|and_or| &and_or.first);
            let mut commands = pipelines.flat_map(|pipeline| &pipeline.commands);
            commands.find_map(|command| {
                let writeway_shell::CommandKind::Simple(simple) = &command.kind else {
                    return None;
                };
                let words: Vec<String> = simple
                    .words
                    .iter()
                    .map(|word| WordText::of(word).shown())
                    .collect();
                let change = changes(&words)?;
                Some((change, words.join(" ")))
            })
        }
        _ => None,
    })
}

/// Conversions of date(1) that are another text a second, a minute or an hour later.
const FINE: &[&str] = &[
    "%s", "%S", "%N", "%M", "%H", "%I", "%T", "%R", "%X", "%c", "%r", "%l", "%k",
];

fn changes(words: &[String]) -> Option<Change> {
    let (name, rest) = words.split_first()?;
    let has = |wanted: &str| rest.iter().any(|word| word.contains(wanted));
    match name.rsplit('/').next()? {
        "date" => {
            let format = rest.iter().find(|word| word.starts_with('+'));
            let fine = format.is_none_or(|format| FINE.iter().any(|part| format.contains(part)));
            // Of a time that is given, nothing changes.
            let given = has("@")
                || rest
                    .iter()
                    .any(|word| word == "-d" || word == "-r" || word.starts_with("--date"));
            (fine && !given).then_some(Change::EachRun)
        }
        "uuidgen" | "pwgen" | "shuf" | "mktemp" => Some(Change::EachRun),
        "openssl" if has("rand") => Some(Change::EachRun),
        _ if has("/dev/urandom") || has("/dev/random") || has("/random/uuid") => Some(Change::EachRun),
        "hostname" => Some(Change::EachPod),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::commands::tests::commands_of;

    /// The mints of a script as `server name expiry`, a `?` for what is not known and a `-` for what is not there.
    fn listed(script: &str) -> Vec<String> {
        let found = commands_of(script);
        let shown = |field: &Field<'_>| match field {
            Field::Absent => "-".to_owned(),
            Field::Unknown => "?".to_owned(),
            Field::Is(value) => value.shown(),
        };
        let lines = mints(&found).into_iter().map(|mint| {
            let never = if mint.never_ends() { " never" } else { "" };
            format!(
                "{} {} {}{never}",
                mint.server,
                shown(&mint.name),
                shown(&mint.expiry)
            )
        });
        lines.collect()
    }

    #[test]
    fn requests_and_programs_that_mint_are_known_with_name_and_expiry() {
        let rows = [
            (
                r#"curl -d '{"name":"ci","scopes":["all"]}' http://g/api/v1/users/a/tokens"#,
                "Gitea ci - never",
            ),
            (
                r#"curl -XPOST "$G/api/v1/users/$U/tokens" -d "{\"name\": \"ci-$(date +%s)\"}""#,
                "Gitea ci-… - never",
            ),
            (
                r#"A=$G/api/v1; curl --json '{"name":"ci"}' "$A/users/$U/tokens/""#,
                "Gitea ci - never",
            ),
            (
                r#"wget -qO- --post-data='{"name":"ci"}' http://g/api/v1/users/a/tokens"#,
                "Gitea ci - never",
            ),
            (
                r#"N=ci; B="{\"name\":\"$N\"}"; curl -sX POST -d "$B" $G/api/v1/users/a/tokens"#,
                "Gitea ci - never",
            ),
            (
                r#"curl -d "$BODY" http://g/api/v1/users/a/tokens"#,
                "Gitea ? - never",
            ),
            (
                "curl -d @/b.json http://g/api/v1/users/a/tokens",
                "Gitea ? - never",
            ),
            (
                r#"echo '{"name":"ci"}' > /b; curl -d @/b http://g/api/v1/users/a/tokens"#,
                "Gitea ci - never",
            ),
            (
                r#"jq -n --arg n "ci-$X" '{name:$n}' | curl -d @- $G/api/v1/users/a/tokens"#,
                "Gitea ci-… - never",
            ),
            (
                "curl -d @- $G/api/v1/users/a/tokens <<EOF\n{\"name\": \"ci\"}\nEOF",
                "Gitea ci - never",
            ),
            (
                "curl -X POST -d 'name=ci' -d scopes=api -H \"PRIVATE-TOKEN: $T\" https://gitlab/api/v4/projects/1/access_tokens",
                "GitLab ci -",
            ),
            (
                r#"curl -d '{"name":"d"}' $L/api/v4/groups/g%2Fh/deploy_tokens"#,
                "GitLab d - never",
            ),
            (
                r#"curl -d '{"name":"d","expires_at":"2030-01-01"}' $L/api/v4/groups/1/deploy_tokens"#,
                "GitLab d 2030-01-01",
            ),
            (
                r#"curl -d '{"name":"g"}' $F/api/serviceaccounts/3/tokens"#,
                "Grafana g - never",
            ),
            (
                r#"curl -d '{"name":"g","secondsToLive":0}' $F/api/serviceaccounts/3/tokens"#,
                "Grafana g 0 never",
            ),
            (
                r#"curl -d '{"name":"g","secondsToLive":86400}' $F/api/serviceaccounts/3/tokens"#,
                "Grafana g 86400",
            ),
            (
                r#"curl -d '{"name":"r","duration":-1}' https://h/api/v2.0/robots"#,
                "Harbor r -1 never",
            ),
            (
                r#"curl -d '{"name":"r","duration":30}' https://h/api/v2.0/robots"#,
                "Harbor r 30",
            ),
            (
                "curl -X POST \"$S/api/user_tokens/generate?name=ci&login=a\"",
                "SonarQube ci - never",
            ),
            (
                "argocd account generate-token --account ci --id ci",
                "Argo CD ci - never",
            ),
            (
                "argocd account generate-token --account ci --id=ci -e 24h",
                "Argo CD ci 24h",
            ),
            (
                "gitea admin user generate-access-token -u a -t ci --raw",
                "Gitea ci - never",
            ),
            (
                "kubectl exec deploy/gitea -- gitea -c /a.ini admin user generate-access-token --token-name x",
                "Gitea x - never",
            ),
            (
                "curl -X POST $K/admin/realms/r/clients/$ID/client-secret",
                "Keycloak - -",
            ),
        ];
        for (script, expected) in rows {
            assert_eq!(listed(script), [expected], "{script}");
        }
    }

    #[test]
    fn what_only_looks_like_minting_is_none() {
        let rows = [
            "curl $G/api/v1/users/a/tokens",
            "curl -X DELETE $G/api/v1/users/a/tokens/ci",
            "curl -d '{}' $G/api/v1/users/a/keys",
            "curl -d '{}' https://example.com/tokens",
            "curl -G -d page=2 $G/api/v1/users/a/tokens",
            "gitea admin user list",
            "echo gitea admin user generate-access-token",
        ];
        for script in rows {
            assert_eq!(listed(script), [""; 0], "{script}");
        }
    }

    #[test]
    fn revocations_are_known() {
        let rows = [
            ("curl -X DELETE $G/api/v1/users/a/tokens/ci", "Gitea", true),
            (
                "curl --request DELETE \"$G/api/v1/users/$U/tokens/$OLD\"",
                "Gitea",
                true,
            ),
            ("curl -X DELETE $G/api/v1/users/a/tokens/ci", "GitLab", false),
            ("curl -X DELETE $G/api/v1/users/a/keys/1", "Gitea", false),
            ("curl -d name=ci $S/api/user_tokens/revoke", "SonarQube", true),
            ("argocd account delete-token ci", ARGO_CD, true),
        ];
        for (script, server, expected) in rows {
            let found = commands_of(script);
            assert_eq!(
                found.iter().any(|command| revokes(command, server)),
                expected,
                "{script}"
            );
        }
    }

    #[test]
    fn a_name_changes_with_the_time_at_random_or_with_the_pod() {
        use Change::{EachPod, EachRun};
        let rows = [
            ("a-$(date +%s)", Some((EachRun, "date +%s"))),
            ("a-$(date)", Some((EachRun, "date"))),
            (
                "a-$(date -u +%Y%m%dT%H%M%SZ)",
                Some((EachRun, "date -u +%Y%m%dT%H%M%SZ")),
            ),
            ("a-$(date +%Y-%m)", None),
            ("a-`uuidgen`", Some((EachRun, "uuidgen"))),
            ("a-$RANDOM", Some((EachRun, "$RANDOM"))),
            ("a-$(openssl rand -hex 4)", Some((EachRun, "openssl rand -hex 4"))),
            (
                "a-$(head -c 8 /dev/urandom | base64)",
                Some((EachRun, "head -c 8 /dev/urandom")),
            ),
            ("a-$(hostname)", Some((EachPod, "hostname"))),
            ("a-${HOSTNAME}", Some((EachPod, "$HOSTNAME"))),
            ("a-$REVISION", None),
            ("a-$(cat /etc/name)", None),
        ];
        for (name, expected) in rows {
            let found = commands_of(&format!("N={name}; use \"$N\""));
            let found = found.iter().find(|command| command.name == "use");
            let word = found.map(|command| &command.arguments[0].expanded);
            let change = word.and_then(|word| changing(&WordText::of(word)));
            let expected = expected.map(|(change, what)| (change, what.to_owned()));
            assert_eq!(change, expected, "{name}");
        }
    }
}
