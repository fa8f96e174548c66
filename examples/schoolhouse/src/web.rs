//! Pages and the JSON API: routes, who is signed in, and what goes wrong as an answer.
//!
//! Start at [`router`]. A handler is an ordinary function over a [`Call`], run where waiting for a database harms nobody.

mod answer;
mod api;
mod asked;
mod call;
mod classes;
pub(crate) mod html;
mod messages;
mod orders;
mod people;
mod projects;
mod public;
mod schools;
mod settings;
mod share;
mod sign_in;
mod sign_up;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, delete as on_delete, get, post};

pub(crate) use answer::{Answer, Fault};
pub(crate) use asked::Upload;
pub(crate) use call::Call;

use crate::settings::App;

/// What an upload may weigh.
const BODY_MAX_BYTES: usize = 5 * 1024 * 1024;

type Act = fn(&mut Call) -> Result<Answer, Fault>;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let router = Router::new().merge(public_routes()).merge(account_routes());
    let router = router.merge(school_routes()).merge(api_routes());
    router.layer(DefaultBodyLimit::max(BODY_MAX_BYTES)).with_state(app)
}

fn public_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", show(public::front))
        .route("/privacy", show(public::privacy))
        .route("/terms", show(public::terms))
        .route("/guide", show(public::guide))
        .route("/certificate", show(public::certificate))
        .route("/subprocessors", show(public::subprocessors))
        .route("/contact", show(public::contact).merge(take(public::contacted)))
        .route("/robots.txt", show(public::robots))
        .route("/health", show(public::health))
        .route("/sign-in", show(sign_in::form).merge(take(sign_in::with_password)))
        .route("/sign-in/oidc", show(sign_in::to_oidc))
        .route("/sign-in/oidc/callback", show(sign_in::from_oidc))
        .route("/sign-up", show(sign_up::page))
        .route("/sign-up/{provider}", show(sign_up::to_provider))
        .route("/sign-up/{provider}/back", show(sign_up::from_provider))
        .route("/sign-out", take(sign_in::out))
        .route("/share/{token}", show(share::page))
        .route("/share/{token}/files/{file}", show(share::file))
}

fn account_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/home", show(people::home))
        .route("/settings", show(settings::page).merge(take(settings::change)))
        .route("/settings/password", take(settings::password))
        .route("/settings/directory", take(settings::directory))
        .route("/settings/gravatar", take(settings::gravatar))
        .route("/settings/picture", take(settings::picture))
        .route("/settings/export", take(settings::export))
        .route(
            "/settings/delete",
            show(settings::delete_page).merge(take(settings::delete)),
        )
        .route("/orders", show(orders::page).merge(take(orders::buy)))
}

fn school_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/people", show(people::list))
        .route("/people/{id}", show(people::page))
        .route("/people/{id}/picture", show(people::picture))
        .route("/directory", show(people::directory))
        .route("/staff", show(people::staff).merge(take(people::staff_looks)))
        .route("/classes", show(classes::list))
        .route("/classes/{id}", show(classes::page).merge(take(classes::enrol)))
        .route("/classes/{id}/grade", take(classes::grade))
        .route("/classes/{id}/call", show(classes::video_call))
        .route("/school", show(schools::page).merge(take(schools::change)))
        .route(
            "/school/people/{id}",
            show(schools::person).merge(take(schools::correct)),
        )
        .route("/school/people/{id}/delete", take(schools::delete))
        .route("/projects", show(projects::list).merge(take(projects::create)))
        .route("/projects/{id}", show(projects::page).merge(take(projects::change)))
        .route("/projects/{id}/comments", take(projects::comment))
        .route("/projects/{id}/files", take(projects::upload))
        .route("/projects/{id}/files/{file}", show(projects::file))
        .route("/projects/{id}/link", take(share::set))
        .route("/projects/{id}/text", take(share::text_message))
        .route("/messages", show(messages::page).merge(take(messages::send)))
        .route("/search", show(people::search))
}

fn api_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/sign-in", take(api::sign_in))
        .route("/api/me", show(api::me).merge(remove(api::delete_me)))
        .route("/api/me/export", show(api::export))
        .route("/api/people", show(api::people))
        .route("/api/people/{id}", show(api::person))
        .route("/api/directory", show(api::directory))
        .route("/api/projects/{id}", show(api::project))
        .route("/api/messages", show(api::messages))
        .route("/api/search", show(api::search))
        .route("/api/share/{token}", show(api::shared))
}

fn show(act: Act) -> MethodRouter<Arc<App>> {
    get(move |State(app): State<Arc<App>>, path: RawPathParams, request: Request| answer(app, path, request, act))
}

fn take(act: Act) -> MethodRouter<Arc<App>> {
    post(move |State(app): State<Arc<App>>, path: RawPathParams, request: Request| answer(app, path, request, act))
}

fn remove(act: Act) -> MethodRouter<Arc<App>> {
    on_delete(move |State(app): State<Arc<App>>, path: RawPathParams, request: Request| answer(app, path, request, act))
}

/// Reads the request, answers it on a thread of its own, and puts down what was done.
async fn answer(app: Arc<App>, path: RawPathParams, request: Request, act: Act) -> Response {
    let asked = match asked::Asked::read(&path, request).await {
        Ok(asked) => asked,
        Err(fault) => return fault.response(false),
    };
    let (api, head) = (asked.is_api(), app.loaded.head.clone());
    let work = tokio::task::spawn_blocking(move || call::run(&app, asked, act));
    let result = work.await.unwrap_or(Err(Fault::Broken));
    result.map_or_else(|fault| fault.response(api), |answer| answer.with_head(&head).response())
}
